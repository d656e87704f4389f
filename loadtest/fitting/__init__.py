"""People fitted to a site's own access log."""
