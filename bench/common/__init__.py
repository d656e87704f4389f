"""What both benchmarks share: the laboratory, its figures and its tables."""
