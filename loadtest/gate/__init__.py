"""The judgement of one record: limits, invariants, verdict."""
