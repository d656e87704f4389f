"""The judgement beside earlier records: comparison with the nights before, and changes over them."""
