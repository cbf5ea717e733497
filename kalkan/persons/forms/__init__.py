"""Forms of the room. Choices come from the code lists; rules come from `details` and the services."""
