"""The synthesized pipeline, run on this machine: it reads ``cdk.out`` and the checked-out commit, and nothing else of the project."""
