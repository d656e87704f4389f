"""The site beside others that serve the same page."""
