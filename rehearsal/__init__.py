"""The synthesized pipeline, run on this machine: it reads ``cdk.out`` and the commit, nothing else of the project."""
