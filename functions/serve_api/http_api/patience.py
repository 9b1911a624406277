"""How long a caller is kept waiting for what may take any time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from counterpart.use_cases.api_services import ApiServices

# Programs wait for half a minute, as a rule; what was begun by then is ended.
PATIENCE = timedelta(seconds=20)


def patient(services: ApiServices) -> Callable[[], bool]:
    """Return what tells whether a caller may be kept waiting any longer."""
    until = services.clock() + PATIENCE
    return lambda: services.clock() < until
