"""The pages on which a case is worked. The case itself, with its timeline, stands in `kalkan.web`."""
