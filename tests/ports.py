"""Ports for servers that tests start."""

import socket


def free_ports() -> tuple[str, str]:
    """Return two ports of this machine on which nobody listens."""
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return str(one.getsockname()[1]), str(other.getsockname()[1])
