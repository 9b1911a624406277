"""A contact's values as programs send them, in JSON or CSV, and the edit that they amount to."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from counterpart.domain.editing import Edit
from counterpart.domain.emails import is_email
from counterpart.domain.mapping import EMAIL, OPTED_OUT
from counterpart.domain.sync_tags import MOST_TAGS, is_reserved
from counterpart.domain.values import FieldType, normalise
from counterpart.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.values import Value

# They stand beside the fields in a document, not among them.
_BESIDE = frozenset({EMAIL, OPTED_OUT})

_LONGEST_TAG = 100
# Salesforce's numbers have 18 digits; an exponent such as 1e999999999 would fill the memory.
_MOST_DIGITS = 18


def read_edit(
    *,
    fields: Mapping[str, object],
    mapping: Sequence[FieldMapping],
    email: str | None = None,
    opted_out: bool | None = None,
    tags: Sequence[str] | None = None,
    add_tags: Sequence[str] = (),
    remove_tags: Sequence[str] = (),
) -> Edit:
    """Return the edit that a document amounts to; what is `None` was not sent.

    Raises:
        InputError: a field does not exist, or a value is not of its type.
    """
    by_name = {field.name: field for field in mapping if field.name not in _BESIDE}
    values: dict[str, Value] = {}
    if email is not None:
        values[EMAIL] = _email(email.strip(), where=EMAIL)
    if opted_out is not None:
        values[OPTED_OUT] = opted_out
    for name, raw in fields.items():
        where = f"fields.{name}"
        field = by_name.get(name)
        if field is None:
            beside = f"; {name} stands beside fields" if name in _BESIDE else ""
            message = f"unknown field{beside}; allowed are {', '.join(sorted(by_name))}"
            raise InputError(message, field=where)
        values[name] = _value(field.type, raw, where=where)
    return Edit(
        values=values,
        tags=None if tags is None else _tags(tags, where="tags"),
        add_tags=_tags(add_tags, where="add_tags"),
        remove_tags=_tags(remove_tags, where="remove_tags"),
    )


def _value(kind: FieldType, raw: object, *, where: str) -> Value:
    if kind is FieldType.NUMBER and not _is_storable(raw):
        raise InputError(f"must be a number of at most {_MOST_DIGITS} digits", field=where)
    try:
        value = normalise(kind, raw)
    except ValueError as exc:
        raise InputError(str(exc), field=where) from exc
    if kind is FieldType.EMAIL and isinstance(value, str):
        return _email(value, where=where)
    return value


def _is_storable(raw: object) -> bool:
    """Return whether *raw* is no number at all, or one of reasonable size."""
    try:
        number = Decimal(str(raw).strip())
    except InvalidOperation:
        return True
    return not number.is_finite() or abs(number.adjusted()) < _MOST_DIGITS


def _email(text: str, *, where: str) -> str:
    if not is_email(text):
        message = "must be an e-mail address, such as ada@example.com"
        raise InputError(message, field=where)
    return text


def _tags(tags: Sequence[str], *, where: str) -> tuple[str, ...]:
    trimmed = tuple(dict.fromkeys(tag.strip() for tag in tags))
    # Whoever sends back what was read sends the sync's own along with them.
    own = [tag for tag in trimmed if not is_reserved(tag)]
    if len(own) > MOST_TAGS or not all(0 < len(tag) <= _LONGEST_TAG for tag in own):
        message = f"must be up to {MOST_TAGS} texts of 1 to {_LONGEST_TAG} characters"
        raise InputError(message, field=where)
    return trimmed
