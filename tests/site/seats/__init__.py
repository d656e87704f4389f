"""The proof that no seat is sold twice or lost: randomized storms, what breaks in them, and their judge."""
