"""What the generator and the gate meet in: the record of a storm, its phases, its units, its form as JSON."""
