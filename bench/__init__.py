"""The benchmark: this site beside others that serve the same page, under loads that people make (docs/benchmark.md)."""
