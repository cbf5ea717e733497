"""The doors: imports, exports, mappings. Nothing enters or leaves Kalkan elsewhere."""
