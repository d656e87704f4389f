"""``make prove-wordpress``: all tests that ask a real site, on each WordPress that a team can have."""
