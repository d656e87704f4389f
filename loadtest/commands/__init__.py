"""What ``python -m loadtest`` does, a module a command."""
