"""What is asked and told on the way from dev to prod."""
