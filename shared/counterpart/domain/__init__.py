"""Pure rules: values in, decisions out. Standard library only."""
