"""Multiple systems estimation of those never seen."""
