"""CodeBuild on this machine: a project's build spec, run in a working directory and a clean environment of its own."""
