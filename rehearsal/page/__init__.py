"""The rehearsal in a browser: ``make page``."""
