"""Linters of every language that is not Python: shell, PHP, JavaScript, CSS, Dockerfiles."""
