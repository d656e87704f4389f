"""The people: their habits, the profiles that hold these, and what one person does."""
