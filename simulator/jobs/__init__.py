"""Bulk jobs: work that is handed over and done later."""
