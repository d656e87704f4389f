"""A page on loopback that one person alone sees."""
