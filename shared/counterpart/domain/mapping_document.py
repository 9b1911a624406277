"""The mapping of fields, as a part of the settings document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from counterpart.domain.document import Section
from counterpart.domain.keeping import CUT
from counterpart.domain.mapping import EMAIL, OPTED_OUT, OWN_KEY, FieldMapping, Mode
from counterpart.domain.outgoing_fields import goes_out
from counterpart.domain.selection_document import api_path
from counterpart.domain.values import FieldType, format_time
from counterpart.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from counterpart.domain.records import AnyObject, SObject

_KEYS = ("type", "mode", "blank_overwrites", "truncate", "salesforce", "mapped_at")
_MOST_FIELDS = 500
_LONGEST_NAME = 80
_OWN_KEY = OWN_KEY.casefold()
_SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")

# An address is who a contact is: it has to come in, or no record could become a contact.
_EMAIL_MODES = (Mode.TWO_WAY, Mode.PREFER_SALESFORCE, Mode.ALWAYS_SALESFORCE)
# What the opt-out has is for nothing else.
_OPEN_MODES = tuple(mode for mode in Mode if mode is not Mode.RESTRICTIVE_WINS)
_NEEDS_WRITING = frozenset({Mode.TWO_WAY, Mode.ALWAYS_OURS})


def mapping_to_document(fields: Iterable[FieldMapping]) -> dict[str, object]:
    """Return a mapping as JSON, by field name."""
    return {
        field.name: {
            "type": field.type.value,
            "mode": field.mode.value,
            "blank_overwrites": field.blank_overwrites,
            "truncate": field.truncate,
            "salesforce": {sobject.value: path for sobject, path in field.paths.items()},
            "mapped_at": {
                sobject.value: format_time(moment) for sobject, moment in field.mapped_at.items()
            },
        }
        for field in fields
    }


def mapping_from_document(
    content: object, *, objects: Collection[AnyObject], path: str, least: int = 1
) -> tuple[FieldMapping, ...]:
    """Return the mapping that *content* describes.

    Args:
        content: What was sent.
        objects: Those that these fields may be mapped to.
        path: Where it stands, for messages.
        least: How many fields there must be.

    Raises:
        InputError: something is wrong with it.
    """
    if not isinstance(content, Mapping) or not least <= len(content) <= _MOST_FIELDS:
        message = f"must be an object of {least} to {_MOST_FIELDS} fields by name"
        raise InputError(message, field=path)
    fields = tuple(
        _field(str(name), entry, objects=objects, path=f"{path}.{name}")
        for name, entry in content.items()
    )
    _check_targets(fields, path=path)
    return fields


def without_mode(content: object) -> set[str]:
    """Return the names of fields that *content*, a mapping as JSON, gives no mode."""
    entries = content.items() if isinstance(content, Mapping) else ()
    return {
        str(name) for name, entry in entries if isinstance(entry, Mapping) and "mode" not in entry
    }


def check_identity(fields: Iterable[FieldMapping], *, people: Collection[SObject]) -> None:
    """Check that the fields that make a person, address and opt-out, are mapped as they must be.

    Raises:
        InputError: one is missing or mapped otherwise.
    """
    by_name = {field.name: field for field in fields}
    for name, kind, modes in (
        (EMAIL, FieldType.EMAIL, _EMAIL_MODES),
        (OPTED_OUT, FieldType.BOOLEAN, (Mode.RESTRICTIVE_WINS,)),
    ):
        path = f"fields.{name}"
        field = by_name.get(name)
        if field is None:
            raise InputError("must be mapped", field=path)
        if field.type is not kind:
            raise InputError(f"must be {kind}", field=f"{path}.type")
        if field.mode not in modes:
            raise InputError(f"must be {' or '.join(modes)}", field=f"{path}.mode")
        for sobject in people:
            if not field.writes_to(sobject):
                raise InputError(
                    f"must be the API name of a field of {sobject} itself",
                    field=f"{path}.salesforce.{sobject}",
                )


def check_members_own(fields: Iterable[FieldMapping]) -> None:
    """Check that a member's fields are not those by which a person is known.

    Raises:
        InputError: one is.
    """
    for field in fields:
        if field.name in {EMAIL, OPTED_OUT}:
            message = "belongs to the contact; a member's field has another name"
            raise InputError(message, field=f"member_fields.{field.name}")


def _field(
    name: str, content: object, *, objects: Collection[AnyObject], path: str
) -> FieldMapping:
    if not _SNAKE_CASE.fullmatch(name) or len(name) > _LONGEST_NAME:
        message = (
            "a field's name has small letters, digits and single underscores, begins with a "
            f"letter and has at most {_LONGEST_NAME} characters, such as job_title"
        )
        raise InputError(message, field=path)
    section = Section(content, path=path, allowed=_KEYS)
    targets = Section(
        section.get("salesforce"),
        path=section.where("salesforce"),
        allowed=[sobject.value for sobject in objects],
    )
    paths = {
        sobject: api_path(targets.get(sobject), where=targets.where(sobject))
        for sobject in objects
        if sobject in targets
    }
    keys = [sobject for sobject, target in paths.items() if target.casefold() == _OWN_KEY]
    only_read = all("." in path or sobject in keys for sobject, path in paths.items())
    usual = Mode.ALWAYS_SALESFORCE if only_read else Mode.PREFER_SALESFORCE
    own = name == OPTED_OUT
    if section.get("mode") == Mode.RESTRICTIVE_WINS and not own:
        message = f"{Mode.RESTRICTIVE_WINS} is reserved for {OPTED_OUT}"
        raise InputError(message, field=section.where("mode"))
    field = FieldMapping(
        name=name,
        type=section.choice("type", FieldType, default=FieldType.STRING),
        mode=section.choice("mode", Mode if own else _OPEN_MODES, default=usual),
        paths=paths,
        blank_overwrites=section.boolean("blank_overwrites", default=True),
        truncate=section.boolean("truncate", default=False),
        mapped_at=_moments(section, objects),
    )
    if not field.paths:
        raise InputError(f"must name a field of {' or '.join(objects)}", field=targets.path)
    if field.type is FieldType.BOOLEAN and not field.blank_overwrites:
        message = "must be true: a checkbox is never blank, only unticked"
        raise InputError(message, field=section.where("blank_overwrites"))
    if field.truncate and field.type not in CUT:
        message = f"is for {' and '.join(sorted(CUT))}: a shorter {field.type} would be another one"
        raise InputError(message, field=section.where("truncate"))
    if keys and goes_out(field):
        message = (
            f"{OWN_KEY} holds our id of the record, and nothing else may go there; allowed are "
            f"{Mode.ALWAYS_SALESFORCE}, {Mode.DO_NOT_SYNC}"
        )
        raise InputError(message, field=section.where("mode"))
    if field.mode in _NEEDS_WRITING and not any(map(field.writes_to, field.paths)):
        message = (
            f"{field.mode} has to write, but a path such as "
            f"{next(iter(field.paths.values()))} can only be read; "
            f"allowed are {Mode.PREFER_SALESFORCE}, {Mode.ALWAYS_SALESFORCE}, {Mode.DO_NOT_SYNC}"
        )
        raise InputError(message, field=section.where("mode"))
    return field


def _moments(section: Section, objects: Collection[AnyObject]) -> dict[AnyObject, datetime]:
    if "mapped_at" not in section:
        return {}
    moments = Section(
        section.get("mapped_at"),
        path=section.where("mapped_at"),
        allowed=[sobject.value for sobject in objects],
    )
    return {sobject: moment for sobject in objects if (moment := moments.moment(sobject))}


def _check_targets(fields: Iterable[FieldMapping], *, path: str) -> None:
    taken: dict[tuple[AnyObject, str], str] = {}
    for field in fields:
        for sobject, target in field.paths.items():
            # API names ignore case.
            first = taken.setdefault((sobject, target.casefold()), field.name)
            if first != field.name:
                raise InputError(
                    f"{target} of {sobject} is mapped to {first} already",
                    field=f"{path}.{field.name}.salesforce.{sobject}",
                )
