"""What contacts and companies have in common when a record comes in, and where they differ."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, TypeVar

from counterpart.domain.bounces import after_record, told_by
from counterpart.domain.contacts import Company, Contact
from counterpart.domain.emails import email_key, is_email
from counterpart.domain.ids import derived_id
from counterpart.domain.links import OWNED, LinkState
from counterpart.domain.mapping import EMAIL
from counterpart.domain.merging import ledger_of
from counterpart.domain.outcomes import Reason
from counterpart.domain.waiting import Lane, Waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.links import Counterpart, Link, Secondary
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.records import Record

Subject = TypeVar("Subject", Contact, Company)


class SubjectKind(Protocol[Subject]):
    """How records of some objects become contacts, or companies."""

    def key(self, record: Record) -> str | None:
        """Return what a record without a link is matched by; `None` if it can't be."""

    def obstacle(self, record: Record) -> Reason | None:
        """Return why a record without a link stays outside, or `None` if it may come in."""

    def born(
        self, subject_id: str, record: Record, fields: Sequence[FieldMapping], now: datetime
    ) -> Subject:
        """Return the contact or company that a record becomes, not yet linked."""

    def settled(self, subject: Subject, record: Record) -> Subject:
        """Return *subject* with what follows from its record besides the fields."""


@dataclass(frozen=True, kw_only=True, slots=True)
class People:
    """Leads and Contacts become contacts; e-mail is what they are matched by.

    Attributes:
        links: What each Account means to us, to find a person's company.
    """

    links: Mapping[str, Link]

    def key(self, record: Record) -> str | None:
        """Return the normalised address."""
        email = record.values.get(EMAIL)
        return email_key(email) if isinstance(email, str) else None

    def obstacle(self, record: Record) -> Reason | None:
        """Return `no_email` or `invalid_email`, if that is so."""
        email = record.values.get(EMAIL)
        if not isinstance(email, str):
            return Reason.NO_EMAIL
        return None if is_email(email) else Reason.INVALID_EMAIL

    def born(
        self, subject_id: str, record: Record, fields: Sequence[FieldMapping], now: datetime
    ) -> Contact:
        """Return a contact with the record's values."""
        return Contact(
            id=subject_id, ledger=ledger_of(record, fields), created_at=now, updated_at=now
        )

    def settled(self, subject: Contact, record: Record) -> Contact:
        """Return the contact with its record's kind and Account, its company, and its bounces."""
        told = subject.counterpart.bounce if subject.counterpart else None
        if subject.counterpart:
            subject = _with_record(subject, subject.counterpart, record)
        link = self.links.get(record.account_id) if record.account_id else None
        company_id = link.subject_id if link and not record.is_person_account else None
        bounce = after_record(subject.bounce, record, subject.email, told=told)
        if (
            subject.account_id == record.account_id
            and subject.company_id == company_id
            and subject.bounce == bounce
        ):
            return subject
        return replace(subject, account_id=record.account_id, company_id=company_id, bounce=bounce)


@dataclass(frozen=True, kw_only=True, slots=True)
class Organisations:
    """Accounts become companies; the registrable domain of the website is what they match by."""

    registrable: Callable[[str], str | None]

    def key(self, record: Record) -> str | None:
        """Return the registrable domain."""
        website = record.values.get("website")
        return self.registrable(website) if isinstance(website, str) else None

    def obstacle(self, record: Record) -> Reason | None:
        """Return `person_account` for an Account that is a person, whose Contact comes in."""
        return Reason.PERSON_ACCOUNT if record.is_person_account else None

    def born(
        self, subject_id: str, record: Record, fields: Sequence[FieldMapping], now: datetime
    ) -> Company:
        """Return a company with the record's values."""
        return Company(
            id=subject_id,
            ledger=ledger_of(record, fields),
            domain=self.key(record),
            created_at=now,
            updated_at=now,
        )

    def settled(self, subject: Company, record: Record) -> Company:  # noqa: ARG002 - the ledger has it
        """Return the company with the domain of its website."""
        website = subject.ledger.values.get("website")
        domain = self.registrable(website) if isinstance(website, str) else None
        return subject if subject.domain == domain else replace(subject, domain=domain)


def _with_record(subject: Contact, counterpart: Counterpart, record: Record) -> Contact:
    """Return the contact with its record's kind, and with what that tells of its own address."""
    alone, bounce = record.is_person_account, told_by(record, before=counterpart.bounce)
    if alone is None:
        alone = counterpart.person_account
    if (counterpart.person_account, counterpart.bounce) == (alone, bounce):
        return subject
    return replace(subject, counterpart=replace(counterpart, person_account=alone, bounce=bounce))


def id_for(record: Record) -> str:
    """Return the id of the contact or company that *record* gives birth to."""
    return derived_id("record", record.id)


def linked(subject: Subject, counterpart: Counterpart) -> Subject:
    """Return *subject* with a new counterpart; what it had is no longer former."""
    subject = without_secondary(subject, counterpart.record_id)
    return replace(subject, counterpart=counterpart, former=None)


def leaves_company(before: Contact | Company, after: Contact | Company) -> bool:
    """Return whether a contact belongs to a company no more, and to none instead."""
    if not isinstance(before, Contact) or not isinstance(after, Contact):
        return False
    return before.company_id is not None and after.company_id is None


def secondaries_of(subject: Contact | Company) -> tuple[Secondary, ...]:
    """Return the further records of a contact; a company has none."""
    return subject.secondaries if isinstance(subject, Contact) else ()


def further_of(subject: Contact | Company, record_id: str) -> Secondary | None:
    """Return a further record of somebody, if it is one."""
    return next((one for one in secondaries_of(subject) if one.record_id == record_id), None)


def is_half_linked(subject: Contact | Company, link: Link | None) -> bool:
    """Return whether a record is one of *subject*'s by its link alone.

    It was to be its counterpart, or a further one again, and a run broke off between the two
    writes; if nothing reads the record again, it stays so.
    """
    if link is None or link.subject_id != subject.id or link.state not in OWNED:
        return False
    further = further_of(subject, link.record_id)
    if further and further.gone:
        return True
    return subject.counterpart is None and link.state is LinkState.LINKED


def before_deletion(link: Link, subject: Contact | Company | None) -> Link:
    """Return what a link means while its contact, which is being deleted here, is still there.

    The link is marked first. Should the deletion break off in between, the contact follows its
    records as before, until somebody deletes it again.
    """
    if subject is None or link.state is not LinkState.DELETED_HERE:
        return link
    if subject.record_id == link.record_id:
        return replace(link, state=LinkState.LINKED)
    further = further_of(subject, link.record_id)
    return replace(link, state=LinkState.SECONDARY) if further and not further.gone else link


def without_secondary(subject: Subject, record_id: str) -> Subject:
    """Return *subject* without a further record; what was seen of that is its shadow from now."""
    if not isinstance(subject, Contact):
        return subject
    found = [one for one in subject.secondaries if one.record_id == record_id]
    if not found:
        return subject
    rest = tuple(one for one in subject.secondaries if one.record_id != record_id)
    ledger = replace(subject.ledger, shadows=found[0].shadows)
    return replace(subject, ledger=ledger, secondaries=rest)


def unlinked(subject: Subject) -> Subject:
    """Return *subject* without a counterpart, which it remembers; nothing waits to go out."""
    return replace(
        subject,
        counterpart=None,
        former=subject.counterpart or subject.former,
        waiting=None,
        in_flight=None,
        parked=None,
    )


def marked(subject: Subject, waiting: Waiting) -> Subject:
    """Return *subject* waiting to go out; a mark that it bears already stays.

    What was set aside is tried again once its record has changed, and an opt-out that was held
    goes with whatever may go.
    """
    held = subject.waiting.lane if subject.waiting else None
    if held and (held not in {Lane.PARKED, Lane.OPT_OUT} or held is waiting.lane):
        return subject
    return replace(subject, waiting=waiting)
