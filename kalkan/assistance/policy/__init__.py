"""Which rows of the room exist for whom, a file for each topic."""
