"""Plain values that every part of the rehearsal shares: commits, stacks, state, ways to end."""
