"""Contacts in a DynamoDB table, one item each."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from counterpart.adapters.dynamodb.attributes import MomentAttribute, TextsAttribute
from counterpart.adapters.dynamodb.subject_documents import (
    bounce_of,
    bounce_text,
    secondaries_of,
    secondaries_text,
    sent_of,
    sent_text,
)
from counterpart.adapters.dynamodb.subjects import SubjectItem, SubjectTable
from counterpart.domain.contacts import Contact
from counterpart.domain.creation_requests import AccountWish, CreateAs, CreationRequest
from counterpart.domain.emails import email_key
from counterpart.domain.likeness import name_key
from counterpart.errors import ChangedMeanwhileError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from counterpart.adapters.dynamodb.database import Database
    from counterpart.adapters.dynamodb.table import TransactionPart
    from counterpart.domain.waiting import Lane
    from counterpart.ports import Listing


class _ByEmailIndex(GlobalSecondaryIndex["_ContactItem"]):  # type: ignore[no-untyped-call] # PynamoDB has no types here
    class Meta:
        index_name = "by_email"
        projection = KeysOnlyProjection()

    email_key = UnicodeAttribute(hash_key=True)
    updated_at = MomentAttribute(range_key=True)


class _ByNameIndex(GlobalSecondaryIndex["_ContactItem"]):  # type: ignore[no-untyped-call] # as above
    """Contacts with both names and an employer's address; written when one of these changes."""

    class Meta:
        index_name = "by_name"
        projection = KeysOnlyProjection()

    name_key = UnicodeAttribute(hash_key=True)


class _ByAwaitedIndex(GlobalSecondaryIndex["_ContactItem"]):  # type: ignore[no-untyped-call] # as above
    """Contacts that wait for the company of their Account; whoever belongs to one is not in it."""

    class Meta:
        index_name = "by_awaited"
        projection = KeysOnlyProjection()

    awaited = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)


class _ContactItem(SubjectItem):
    email = UnicodeAttribute(null=True)
    email_key = UnicodeAttribute(null=True)
    name_key = UnicodeAttribute(null=True)
    awaited = UnicodeAttribute(null=True)
    company_id = UnicodeAttribute(null=True)
    account_id = UnicodeAttribute(null=True)
    tags = TextsAttribute()
    outbound_paused_at = MomentAttribute(null=True)
    outbound_resumed_at = MomentAttribute(null=True)
    bounce = UnicodeAttribute(null=True)
    creation_requested_at = MomentAttribute(null=True)
    creation_create_as = UnicodeAttribute(null=True)
    creation_account = UnicodeAttribute(null=True)
    creation_refusal = UnicodeAttribute(null=True)
    sent = UnicodeAttribute(null=True)
    request_key = UnicodeAttribute(null=True)
    secondaries = UnicodeAttribute(null=True)
    merged = TextsAttribute(null=True)

    by_email = _ByEmailIndex()
    by_name = _ByNameIndex()
    by_awaited = _ByAwaitedIndex()


class DynamoContactRepository:
    """Contacts, found by id, by e-mail, by the Account that they wait for and by what waits."""

    def __init__(self, table_name: str, database: Database) -> None:
        self._contacts = SubjectTable(
            _ContactItem, table_name, database, attributes=_attributes, subject_of=_to_contact
        )

    def get_many(self, contact_ids: Collection[str]) -> Mapping[str, Contact]:
        return self._contacts.get_many(contact_ids)

    def find_by_email(self, email_keys: Collection[str]) -> Mapping[str, Sequence[Contact]]:
        found = self._contacts.find("by_email", email_keys)
        return _by_key(found, email_keys, lambda contact: email_key(contact.email))

    def find_by_name(self, name_keys: Collection[str]) -> Mapping[str, Sequence[Contact]]:
        found = self._contacts.find("by_name", [_short(key) for key in name_keys])
        return _by_key(found, name_keys, name_key)

    def awaiting(
        self, account_ids: Collection[str], *, limit: int, after: str | None = None
    ) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        for item in self._contacts.under("by_awaited", account_ids, after=after, limit=limit):
            found.setdefault(item.awaited, []).append(item.id)
        return found

    def save_many(self, contacts: Sequence[Contact]) -> Collection[str]:
        return self._contacts.save_many(contacts)

    def delete(self, contact: Contact) -> None:
        if not self._contacts.delete(contact):
            raise ChangedMeanwhileError(f"Contact {contact.id} was changed by somebody else")

    def page(self, *, limit: int, after: str | None = None) -> Listing[Contact]:
        return self._contacts.page(limit=limit, after=after)

    def waiting(self, lane: Lane, *, until: datetime, limit: int) -> Sequence[str]:
        return self._contacts.waiting(lane, until=until, limit=limit)

    def oldest_wait(self, lane: Lane) -> datetime | None:
        return self._contacts.oldest_wait(lane)

    def count_waiting(self, lane: Lane) -> int:
        return self._contacts.count_waiting(lane)

    def saving(self, contact: Contact) -> TransactionPart:
        """Return what stores a contact within a transaction, unless it changed since."""
        return self._contacts.saving(contact)

    def deleting(self, contact: Contact) -> TransactionPart:
        """Return what deletes a contact within a transaction, unless it changed since."""
        return self._contacts.deleting(contact)

    def text(self, contact: Contact) -> str:
        """Return a contact as JSON, from which `of_text` makes the same one."""
        return self._contacts.text(contact)

    def of_text(self, text: str) -> Contact:
        """Return the contact that `text` wrote."""
        return self._contacts.of_text(text)


def _by_key(
    found: Iterable[Contact], keys: Collection[str], key_of: Callable[[Contact], str | None]
) -> Mapping[str, Sequence[Contact]]:
    """Return contacts by key; an index may have some under a key that they no longer bear."""
    by_key: dict[str, list[Contact]] = {}
    for contact in found:
        key = key_of(contact)
        if key and key in keys:
            by_key.setdefault(key, []).append(contact)
    for contacts in by_key.values():
        contacts.sort(key=lambda contact: (contact.updated_at, contact.id), reverse=True)
    return by_key


def _short(key: str) -> str:
    """Return a key in eight characters, which two may share: a contact is to fit a write unit."""
    return urlsafe_b64encode(blake2b(key.encode(), digest_size=6).digest()).decode()


def _attributes(contact: Contact) -> dict[str, Any]:
    creation = contact.creation
    return {
        "email": contact.email,
        "email_key": email_key(contact.email),
        "name_key": _short(name) if (name := name_key(contact)) else None,
        "awaited": contact.awaits,
        "company_id": contact.company_id,
        "account_id": contact.account_id,
        "tags": contact.tags,
        "outbound_paused_at": contact.outbound_paused_at,
        "outbound_resumed_at": contact.outbound_resumed_at,
        "bounce": bounce_text(contact.bounce) if contact.bounce else None,
        "creation_requested_at": creation.requested_at if creation else None,
        "creation_create_as": (
            creation.create_as.value if creation and creation.create_as else None
        ),
        "creation_account": creation.account.value if creation and creation.account else None,
        "creation_refusal": creation.refusal if creation else None,
        "sent": sent_text(contact.sent) if contact.sent else None,
        "request_key": contact.request_key,
        "secondaries": secondaries_text(contact.secondaries) if contact.secondaries else None,
        "merged": contact.merged or None,
    }


def _to_contact(item: _ContactItem, shared: Mapping[str, Any]) -> Contact:
    return Contact(
        company_id=item.company_id,
        account_id=item.account_id,
        tags=item.tags,
        outbound_paused_at=item.outbound_paused_at,
        outbound_resumed_at=item.outbound_resumed_at,
        bounce=bounce_of(item.bounce) if item.bounce else None,
        creation=_to_creation(item),
        sent=sent_of(item.sent) if item.sent else None,
        request_key=item.request_key,
        secondaries=secondaries_of(item.secondaries) if item.secondaries else (),
        merged=item.merged or (),
        **shared,
    )


def _to_creation(item: _ContactItem) -> CreationRequest | None:
    requested_at: datetime | None = item.creation_requested_at
    if requested_at is None:
        return None
    return CreationRequest(
        requested_at=requested_at,
        create_as=CreateAs(item.creation_create_as) if item.creation_create_as else None,
        account=AccountWish(item.creation_account) if item.creation_account else None,
        refusal=item.creation_refusal,
    )
