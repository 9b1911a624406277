"""Making a creation safe to repeat: the same key and request, the same thing."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from counterpart.domain.ids import derived_id, new_id
from counterpart.errors import InputError

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """Who something new is to be.

    Attributes:
        request_key: Fingerprint of the request; `None` if its sender gave no key.
    """

    id: str
    request_key: str | None


def identify(kind: str, wanted: Any, *, key: str | None, now: datetime) -> Identity:  # noqa: ANN401 - any dataclass
    """Return the identity of what a request creates: for a repetition, the same again.

    Args:
        kind: What is created, so that one key may serve requests of two kinds.
        wanted: What the request says.
        key: Chosen by its sender.
        now: By our clock.
    """
    if key is None:
        return Identity(id=new_id(now), request_key=None)
    text = json.dumps(asdict(wanted), sort_keys=True, default=str)
    return Identity(
        id=derived_id("request", kind, key), request_key=hashlib.sha256(text.encode()).hexdigest()
    )


def check_repetition(stored: str | None, identity: Identity) -> None:
    """Check that what is stored was made by the same request.

    Raises:
        InputError: its key was used for another one.
    """
    if stored != identity.request_key:
        message = "was used for another request; a new request needs a new key"
        raise InputError(message, field="Idempotency-Key")
