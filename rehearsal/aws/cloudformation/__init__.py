"""CloudFormation, emulated: moto resolves and creates a template's resources; here is what it lacks."""
