"""A simulator that listens on the loopback interface, for the clients of this folder."""

from tests.simulator.conftest import credentials, served, simulator

__all__ = ["credentials", "served", "simulator"]
