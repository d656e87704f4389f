"""A person's browser: connections, answers, and pages with what they load."""
