"""The house: its rooms, what each may import, and what is held against the code."""
