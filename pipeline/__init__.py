"""How a commit travels: the pipeline, its gates and its nights (docs/architecture.md)."""
