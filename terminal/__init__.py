"""The terminal that a command speaks to, and its reader, who may leave."""
