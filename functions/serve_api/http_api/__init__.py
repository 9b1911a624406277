"""HTTP for the use cases: routes, shapes and problems; the rules are elsewhere."""
