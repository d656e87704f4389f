"""What stands for a stack: load balancers, databases, networks, services, schedules."""
