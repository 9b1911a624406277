"""Adapters: the world behind the ports. Each module knows one vendor; import only what you need."""
