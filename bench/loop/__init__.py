"""What a person waits for while working here, beside an earlier commit."""
