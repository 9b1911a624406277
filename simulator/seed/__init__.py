"""A realistic org from a seed: people, companies and the mess that real orgs are in."""

from simulator.seed.world import seed

__all__ = ["seed"]
