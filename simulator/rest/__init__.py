"""The REST resources of an org."""
