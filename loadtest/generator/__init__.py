"""The storm as it runs: the master, its workers, and what they say to each other."""
