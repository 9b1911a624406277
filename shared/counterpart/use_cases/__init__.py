"""The stories: gather through ports, decide by the domain, apply through ports."""
