"""What was asked for: the options of a storm, its target and its fleet of workers."""
