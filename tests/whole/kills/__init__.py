"""Rehearsals that are killed at any moment, and the next one after each."""
