"""A storm while it runs: a line for a terminal or a build log, and a page for a browser on this machine."""
