"""Whom somebody means: a list of our contacts, or all that a filter takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from counterpart.domain.document import Section
from counterpart.domain.emails import domain_of
from counterpart.domain.sync_tags import tags_of
from counterpart.domain.websites import host_of
from counterpart.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from counterpart.domain.contacts import Contact
    from counterpart.domain.creation_requests import CreateAs

_KEYS = ("email_domain", "tag", "created_after", "created_before", "fields")


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactFilter:
    """What a contact has to be like; all of it.

    Attributes:
        email_domain: Its address is there, or below.
        created_after: Created here at or after it.
        created_before: Created here before it.
        fields: Its values; texts are compared without regard to case.
    """

    email_domain: str | None = None
    tag: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    fields: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)

    def takes(self, contact: Contact) -> bool:
        """Return whether *contact* is meant."""
        return (
            (self.tag is None or self.tag in tags_of(contact))
            and (self.created_after is None or contact.created_at >= self.created_after)
            and (self.created_before is None or contact.created_at < self.created_before)
            and (self.email_domain is None or self._is_there(contact))
            and all(
                _alike(contact.ledger.values.get(name), wanted)
                for name, wanted in self.fields.items()
            )
        )

    def _is_there(self, contact: Contact) -> bool:
        host = host_of(domain_of(contact.email)) if contact.email else None
        return host is not None and f".{host}".endswith(f".{self.email_domain}")


@dataclass(frozen=True, kw_only=True, slots=True)
class SyncWanted:
    """Whom to create in Salesforce: a list, or all that a filter takes.

    Attributes:
        filter: As it was sent; `None` if there is a list.
        after: `next` of the answer before, to go on from there.
        dry_run: Count, and write nothing.
    """

    contact_ids: tuple[str, ...] = ()
    filter: object = None
    create_as: CreateAs | None = None
    after: str | None = None
    dry_run: bool = False


def filter_from_document(content: object, *, known: Collection[str]) -> ContactFilter:
    """Return the filter that *content* describes.

    Args:
        content: What was sent.
        known: The names of our fields.

    Raises:
        InputError: something is wrong with it, or it would take everybody.
    """
    section = Section(content, path="filter", allowed=_KEYS)
    domain = section.text("email_domain")
    host = host_of(domain) if domain else None
    if domain and host is None:
        message = "must be a domain, such as example.com"
        raise InputError(message, field=section.where("email_domain"))
    wanted = ContactFilter(
        email_domain=host,
        tag=section.text("tag"),
        created_after=section.moment("created_after"),
        created_before=section.moment("created_before"),
        fields=_fields(section, known),
    )
    if wanted == ContactFilter():
        message = f"say whom you mean, by {', '.join(_KEYS)}"
        raise InputError(message, field="filter")
    return wanted


def _fields(
    section: Section, known: Collection[str]
) -> Mapping[str, str | int | float | bool | None]:
    content = section.get("fields")
    if content is None:
        return {}
    path = section.where("fields")
    if not isinstance(content, Mapping):
        raise InputError("must be an object, such as {'city': 'Paris'}", field=path)
    for name, value in content.items():
        if name not in known:
            message = f"unknown field; allowed are {', '.join(sorted(known))}"
            raise InputError(message, field=f"{path}.{name}")
        if value is not None and not isinstance(value, str | int | float | bool):
            message = "must be a text, a number, true, false or null"
            raise InputError(message, field=f"{path}.{name}")
    return dict(content)


def _alike(ours: object, wanted: object) -> bool:
    if isinstance(ours, str) and isinstance(wanted, str):
        return ours.strip().casefold() == wanted.strip().casefold()
    if isinstance(ours, tuple):
        return wanted in ours
    # `True == 1` in Python, but not for people.
    return ours == wanted and isinstance(ours, bool) == isinstance(wanted, bool)
