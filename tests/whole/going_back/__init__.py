"""Whole rehearsals of commits that fail in prod: what serves meanwhile, and what is back afterwards."""
