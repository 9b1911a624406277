"""The guard, as a part of the settings document."""

from __future__ import annotations

from counterpart.domain.document import Section
from counterpart.domain.sync_settings import Guard

_MOST = 1_000_000


def guard_to_document(guard: Guard) -> dict[str, object]:
    """Return the guard, as JSON."""
    return {"share_percent": guard.share_percent, "minimum": guard.minimum}


def guard_from_document(content: object, *, base: Guard) -> Guard:
    """Return what *content* describes; what it leaves out stays as in *base*.

    Raises:
        InputError: something is wrong with it.
    """
    section = Section(content, path="guard", allowed=("share_percent", "minimum"))
    return Guard(
        share_percent=section.whole("share_percent", default=base.share_percent, least=0, most=100),
        minimum=section.whole("minimum", default=base.minimum, least=1, most=_MOST),
    )
