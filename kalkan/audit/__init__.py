"""What was done or seen, by whom, on what: append-only."""
