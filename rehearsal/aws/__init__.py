"""The emulated AWS: the only part that knows moto."""
