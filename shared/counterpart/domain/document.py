"""Reading a JSON document that a person wrote: every complaint names the place and the choice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

from counterpart.domain.values import parse_time
from counterpart.errors import InputError, UnknownKeyError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime
    from enum import StrEnum

Choice = TypeVar("Choice", bound="StrEnum")


class Section:
    """One object of a JSON document, at *path*.

    Args:
        content: What was sent.
        path: Where it stands, for messages.
        allowed: The keys that it may have; any other is refused.
    """

    def __init__(self, content: object, *, path: str, allowed: Collection[str]) -> None:
        if not isinstance(content, Mapping):
            raise InputError("must be an object", field=path)
        unknown = [str(key) for key in content if key not in allowed]
        if unknown:
            verb = "are" if len(allowed) > 1 else "is"
            raise UnknownKeyError(
                f"unknown key {unknown[0]!r}; allowed {verb} {', '.join(sorted(allowed))}",
                field=_join(path, unknown[0]),
            )
        self._content: Mapping[str, object] = content
        self.path = path

    def __contains__(self, key: str) -> bool:
        """Return whether *key* was sent."""
        return key in self._content

    def get(self, key: str) -> object:
        """Return what was sent as *key*, or `None`."""
        return self._content.get(key)

    def where(self, key: str) -> str:
        """Return the path of *key*."""
        return _join(self.path, key)

    def boolean(self, key: str, *, default: bool) -> bool:
        """Return a true or false."""
        value = self._content.get(key, default)
        if not isinstance(value, bool):
            raise InputError("must be true or false", field=self.where(key))
        return value

    def whole(self, key: str, *, default: int, least: int, most: int) -> int:
        """Return a whole number between two bounds, both included."""
        value = self._content.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise InputError(
                f"must be a whole number from {least} to {most}", field=self.where(key)
            )
        return value

    def text(self, key: str, *, default: str | None = None) -> str | None:
        """Return a text that is not blank, or `None`."""
        value = self._content.get(key, default)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            raise InputError("must be text, and not blank", field=self.where(key))
        return value.strip()

    def texts(self, key: str) -> tuple[str, ...] | None:
        """Return a list of texts, or `None` if there is none."""
        value = self._content.get(key)
        if value is None:
            return None
        if not isinstance(value, (list, tuple)) or not all(
            isinstance(item, str) and item.strip() for item in value
        ):
            raise InputError("must be a list of texts", field=self.where(key))
        return tuple(item.strip() for item in value)

    def moment(self, key: str) -> datetime | None:
        """Return a time with its zone, or `None`."""
        value = self._content.get(key)
        if value is None:
            return None
        try:
            return parse_time(str(value))
        except ValueError as exc:
            raise InputError(
                "must be a time with its zone, such as 2026-11-22T10:00:00Z", field=self.where(key)
            ) from exc

    def choice(self, key: str, kinds: Iterable[Choice], *, default: Choice) -> Choice:
        """Return one of the members of an enumeration, or of some of them."""
        value = self._content.get(key, default)
        return choose(value, kinds, path=self.where(key))


def choose(value: object, kinds: Iterable[Choice], *, path: str) -> Choice:
    """Return the member of *kinds* that *value* names.

    Raises:
        InputError: it names none; the message lists them.
    """
    members = tuple(kinds)
    for member in members:
        if value == member.value:
            return member
    allowed = ", ".join(member.value for member in members)
    raise InputError(f"{said(value)} is not one of {allowed}", field=path)


def said(value: object) -> str:
    """Return *value* as whoever sent it knows it, to whom null is no `None`."""
    return repr(value) if isinstance(value, str) else json.dumps(value, default=str)


def check_text(content: object) -> None:
    """Check that *content* has no half of a surrogate pair, which JSON can hold and no text.

    Raises:
        InputError: it has; neither a store nor Salesforce could be asked for that.
    """
    try:
        json.dumps(content, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError as exc:
        half = exc.object[exc.start]
        message = f"{half!r} is half of a character; send the whole character, or leave it out"
        raise InputError(message) from exc


def one_line(text: str, *, longest: int, field: str) -> str:
    """Return *text* without the space around it.

    Raises:
        InputError: it is blank, too long, or more than a line.
    """
    trimmed = text.strip()
    if not 0 < len(trimmed) <= longest or not trimmed.isprintable():
        raise InputError(f"must be a line of 1 to {longest} characters", field=field)
    return trimmed


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
