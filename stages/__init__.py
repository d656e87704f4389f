"""What is deployed at each stage: the network and WordPress, as stacks and their constructs."""
