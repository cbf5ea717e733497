"""Files that come in from outside: recognised by content, made harmless, scanned. Nothing here keeps a file."""
