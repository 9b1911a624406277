"""Wishes: what a program wants written, and what becomes of one contact by it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING

from counterpart.domain.contact_document import read_edit
from counterpart.domain.editing import born, edited, requested
from counterpart.domain.ids import derived_id, new_id
from counterpart.domain.mapping import EMAIL
from counterpart.errors import InputError, NotFoundError, StaleVersionError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.contacts import Contact
    from counterpart.domain.creation_requests import CreateAs
    from counterpart.domain.notices import Notice
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.domain.waiting import Lane


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What somebody wants written; what is `None` was not sent.

    Attributes:
        contact_id: The contact to update; without it, one is created.
        version: Refuse the update if the contact has another one.
        request: What makes a creation safe to repeat: the caller's key and, in a batch, the place.
    """

    contact_id: str | None = None
    email: str | None = None
    fields: Mapping[str, object] = field(default_factory=dict)
    tags: Sequence[str] | None = None
    add_tags: Sequence[str] = ()
    remove_tags: Sequence[str] = ()
    opted_out: bool | None = None
    version: int | None = None
    sync_to_salesforce: bool = False
    create_as: CreateAs | None = None
    request: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """What became of a wish.

    Attributes:
        created: It made a contact, now.
        replayed: It was a repetition; the contact is as it is now.
    """

    contact: Contact
    created: bool = False
    replayed: bool = False
    notices: tuple[Notice, ...] = ()


def id_for(wish: Wish, *, now: datetime) -> str:
    """Return the id of the contact that *wish* is about: for a repetition, the same again."""
    if wish.contact_id is not None:
        return wish.contact_id
    return derived_id("request", *wish.request) if wish.request else new_id(now)


def fulfil(
    wish: Wish,
    contact_id: str,
    contact: Contact | None,
    *,
    settings: SyncSettings,
    lane: Lane,
    now: datetime,
) -> Written:
    """Return what *wish* makes of the contact with that id, which may not exist (yet).

    Raises:
        InputError: the wish cannot be fulfilled.
    """
    if wish.contact_id is None:
        return _create(wish, contact_id, contact, settings=settings, now=now)
    if contact is None:
        raise NotFoundError(f"there is no contact {contact_id}", field="id")
    if wish.version is not None and wish.version != contact.version:
        message = f"the contact has changed: its version is {contact.version} by now"
        raise StaleVersionError(message, field="version")

    edit = read_edit(
        fields=wish.fields,
        mapping=settings.fields,
        email=wish.email,
        opted_out=wish.opted_out,
        tags=wish.tags,
        add_tags=wish.add_tags,
        remove_tags=wish.remove_tags,
    )
    result = edited(contact, edit, settings=settings, lane=lane, now=now)
    return Written(contact=result.contact, notices=result.notices)


def _create(
    wish: Wish, contact_id: str, contact: Contact | None, *, settings: SyncSettings, now: datetime
) -> Written:
    request_key = _fingerprint(wish) if wish.request else None
    if contact is not None:
        if contact.request_key != request_key:
            message = "was used for another request; a new request needs a new key"
            raise InputError(message, field="Idempotency-Key")
        return Written(contact=contact, replayed=True)

    edit = read_edit(
        fields=wish.fields,
        mapping=settings.fields,
        email=wish.email,
        opted_out=wish.opted_out,
        tags=wish.tags,
    )
    if EMAIL not in edit.values:
        raise InputError("is required", field=EMAIL)
    result = born(contact_id, edit, settings=settings, request_key=request_key, now=now)
    written = Written(contact=result.contact, created=True, notices=result.notices)
    if not wish.sync_to_salesforce:
        return written
    asked = requested(result.contact, create_as=wish.create_as, settings=settings, now=now)
    return replace(written, contact=asked.contact, notices=written.notices + asked.notices)


def _fingerprint(wish: Wish) -> str:
    # Only an update adds and removes tags; a creation that is repeated bears the print it bore.
    content = {
        name: value
        for name, value in asdict(wish).items()
        if name not in {"add_tags", "remove_tags"}
    }
    text = json.dumps(content, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
