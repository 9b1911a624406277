"""Notices: what a writer should know although the write succeeded."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from counterpart.domain.mapping import Mode
from counterpart.domain.outgoing_fields import goes_out, refuses
from counterpart.domain.sync_tags import sync_tag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from counterpart.domain.contacts import Company, Contact
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.records import SObject
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.domain.sync_tags import SyncTag


_MOST_NAMED = 5


class NoticeCode(StrEnum):
    """What they are about."""

    POSSIBLE_DUPLICATE = "possible_duplicate"
    # By its mode or its place, this field never goes out.
    NOT_PUSHED = "not_pushed"
    # Salesforce holds another value, and its own is preferred.
    PROTECTED = "protected"
    OUTBOUND_DISABLED = "outbound_disabled"
    CREATION_DELAYED = "creation_delayed"
    # Its tag was taken away, so nothing of this contact goes out.
    OUTBOUND_PAUSED = "outbound_paused"
    OUTBOUND_RESUMED = "outbound_resumed"
    CREATION_WITHDRAWN = "creation_withdrawn"
    # The tag that was taken away is that of other contacts.
    NOT_PAUSED = "not_paused"
    OPT_IN_PENDING = "opt_in_pending"
    # The report is about an address that the contact no longer has.
    ANOTHER_ADDRESS = "another_address"


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """One thing to know, for programs and for people."""

    code: NoticeCode
    message: str


def notices_of(
    contact: Contact, fields: Sequence[FieldMapping], settings: SyncSettings
) -> tuple[Notice, ...]:
    """Return what the writer of *fields* should know of their way to Salesforce."""
    sobject = contact.counterpart.object if contact.counterpart else None
    notices = [notice for mapped in fields if (notice := _notice(contact, mapped))]
    pushed = any(goes_out(mapped) and sobject and mapped.writes_to(sobject) for mapped in fields)
    if sobject and pushed and not settings.outbound.writes(sobject):
        opted_out = any(refuses(contact.ledger, mapped) for mapped in fields)
        notices.append(outbound_disabled(sobject, opted_out=opted_out))
    tag = sync_tag(contact)
    kept = pushed and not all(refuses(contact.ledger, mapped) for mapped in fields)
    if kept and contact.outbound_paused_at and tag:
        notices.append(outbound_paused(tag))
    return tuple(notices)


def notices_of_company(
    company: Company, fields: Sequence[FieldMapping], settings: SyncSettings
) -> tuple[Notice, ...]:
    """Return what the writer of *fields* should know of their way to the company's Account."""
    sobject = company.counterpart.object if company.counterpart else None
    notices = [notice for mapped in fields if (notice := _notice(company, mapped))]
    pushed = any(goes_out(mapped) and sobject and mapped.writes_to(sobject) for mapped in fields)
    if sobject and pushed and not settings.outbound.writes(sobject):
        notices.append(outbound_disabled(sobject))
    return tuple(notices)


def _notice(contact: Contact | Company, mapped: FieldMapping) -> Notice | None:
    name, sobject = mapped.name, contact.counterpart.object if contact.counterpart else None
    if not goes_out(mapped):
        return Notice(
            code=NoticeCode.NOT_PUSHED,
            message=f"{name} stays here: its mode is {mapped.mode}",
        )
    if sobject and not mapped.writes_to(sobject):
        return Notice(
            code=NoticeCode.NOT_PUSHED,
            message=f"{name} stays here: it cannot be written on a {sobject}",
        )
    theirs = contact.ledger.shadows.get(name)
    if sobject and mapped.mode is Mode.PREFER_SALESFORCE and theirs is not None:
        return Notice(
            code=NoticeCode.PROTECTED,
            message=f"{name} goes out only if it is blank in Salesforce, which it was not",
        )
    return None


def outbound_disabled(sobject: SObject, *, opted_out: bool = False) -> Notice:
    """Return that nothing goes out to *sobject*; an opt-out does later."""
    message = f"outbound is switched off for {sobject}: this stays here, also afterwards"
    if opted_out:
        message += "; the opt-out alone goes out once it is on again"
    return Notice(code=NoticeCode.OUTBOUND_DISABLED, message=message)


def outbound_paused(tag: SyncTag) -> Notice:
    """Return that edits of this contact stay here, since its *tag* was taken away."""
    return Notice(
        code=NoticeCode.OUTBOUND_PAUSED,
        message=f"without its tag {tag} edits of this contact stay here, but for a refusal to be "
        "mailed; add the tag again to go on with later ones",
    )


def outbound_resumed() -> Notice:
    """Return that edits of this contact go out again."""
    return Notice(
        code=NoticeCode.OUTBOUND_RESUMED,
        message="edits of this contact go out again from now on; earlier ones stay here",
    )


def not_paused(tags: Sequence[str], tag: SyncTag) -> Notice:
    """Return that taking away *tags* of the sync's pauses nothing, as the contact's is *tag*."""
    verb = "is not a tag" if len(tags) == 1 else "are no tags"
    return Notice(
        code=NoticeCode.NOT_PAUSED,
        message=f"{' and '.join(tags)} {verb} of this contact, so nothing is paused; "
        f"its tag is {tag}, and taking that away pauses it",
    )


def creation_withdrawn(tag: SyncTag) -> Notice:
    """Return that the request to be created went with its *tag*."""
    return Notice(
        code=NoticeCode.CREATION_WITHDRAWN,
        message=f"with the tag {tag} the request to create this contact in Salesforce is "
        "withdrawn; sync it to ask again",
    )


def opt_in_pending(*, goes: bool) -> Notice:
    """Return that an opt-in waits for Salesforce, or that it does not even go there."""
    message = "Salesforce holds this person as opted out; they stay so here"
    if goes:
        message += " until it has taken the opt-in"
    else:
        message += ", since the opt-in cannot go out now; say it again once it can"
    return Notice(code=NoticeCode.OPT_IN_PENDING, message=message)


def another_address() -> Notice:
    """Return that a bounce was reported of an address that the contact no longer has."""
    return Notice(
        code=NoticeCode.ANOTHER_ADDRESS,
        message="the contact has another address by now; nothing is noted of it",
    )


def possible_duplicate(others: Sequence[str]) -> Notice:
    """Return that *others* have the same address."""
    named = ", ".join(others[:_MOST_NAMED])
    more = f" and {len(others) - _MOST_NAMED} more" if len(others) > _MOST_NAMED else ""
    is_of = "is that of other contacts" if len(others) > 1 else "is another contact's"
    return Notice(
        code=NoticeCode.POSSIBLE_DUPLICATE,
        message=f"the same e-mail address {is_of}: {named}{more}",
    )


def creation_delayed() -> Notice:
    """Return that the job could not be sent, and that the minute's look will see to it."""
    return Notice(
        code=NoticeCode.CREATION_DELAYED,
        message="the creation in Salesforce is noted; it starts some minutes later than usual",
    )
