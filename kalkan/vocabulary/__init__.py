"""Code lists, screening indicators and legal provisions: versioned, retired, never deleted."""
