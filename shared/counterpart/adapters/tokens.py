"""Paging tokens: a position in a list, opaque to whoever hands it back."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from counterpart.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

# Far above what a token of ours takes, and far below what a key of DynamoDB may.
_LONGEST = 1000
_LONGEST_PLACE = 9


def encode(position: Mapping[str, str]) -> str:
    """Return *position* as a token that needs no quoting in a URL."""
    text = json.dumps(position, separators=(",", ":"))
    # Without the padding, whose `=` a caller would have to quote before signing the request.
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(token: str, *, keys: Collection[str]) -> dict[str, str]:
    """Return the position that a token stands for.

    Raises:
        InputError: nobody here gave out such a token.
    """
    if len(token) <= _LONGEST:
        try:
            padded = token + "=" * (-len(token) % 4)
            position = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        except (ValueError, RecursionError):
            position = None
        if (
            isinstance(position, dict)
            and position.keys() == set(keys)
            and all(isinstance(value, str) and value for value in position.values())
        ):
            return position
    raise _unknown_token()


def encode_place(place: int) -> str:
    """Return a token for a place in a numbered list."""
    return encode({"place": str(place)})


def decode_place(token: str | None) -> int:
    """Return the place that a token stands for; without a token, the place before the first.

    Raises:
        InputError: nobody here gave out such a token.
    """
    if token is None:
        return 0
    text = decode(token, keys=["place"])["place"]
    if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST_PLACE):
        raise _unknown_token()
    return int(text)


def _unknown_token() -> InputError:
    return InputError("is not a token that a list of ours has given out", field="after")
