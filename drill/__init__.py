"""Faults put into the dev site that stands, one at a time, under a storm; each with bounds that it must keep."""
