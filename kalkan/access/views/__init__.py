"""Pages of accounts and permissions, and of the two rooms below: the log and the code lists."""
