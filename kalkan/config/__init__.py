"""Settings, addresses, and the processes that make up a running system. Nothing here thinks."""
