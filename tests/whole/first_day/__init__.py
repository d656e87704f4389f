"""The first day in AWS, as docs/aws.md has it: from empty accounts to the first promoted commit."""
