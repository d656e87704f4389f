"""What the templates say shall run, as plain values with every default of AWS filled in."""
