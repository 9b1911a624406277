"""A Salesforce org on your desk: strict, deterministic, with an injected clock."""

from simulator.messages import Request, Response
from simulator.simulator import Simulator

__all__ = ["Request", "Response", "Simulator"]
