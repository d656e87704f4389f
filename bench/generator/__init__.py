"""What the generator of the storm costs, beside other clients: ``python -m bench.generator``."""
