"""Explain a contact, an address or a record: what is known of it, and what would happen next.

Nothing is written. Salesforce is asked for what it holds now; where it does not answer, the values
last seen there stand in, and the answer says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from counterpart.domain.absence import why_absent
from counterpart.domain.contact_merge_plans import records_of
from counterpart.domain.emails import email_key
from counterpart.domain.explaining import Why, holding, last_seen
from counterpart.domain.foreseeing import unseen
from counterpart.domain.record_fates import Fate, fate_of
from counterpart.domain.records import object_of, record_id_in
from counterpart.domain.streams import PUSH
from counterpart.errors import HaltError, TransientError
from counterpart.use_cases.explanations import (
    ContactExplained,
    Explanation,
    NextPull,
    RecordExplained,
)
from counterpart.use_cases.fresh_records import FreshRecords
from counterpart.use_cases.merge_contacts import survivor_of
from counterpart.use_cases.next_pulls import NextPulls
from counterpart.use_cases.next_pushes import NextPushes
from counterpart.use_cases.places import placed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from counterpart.domain.contacts import Contact
    from counterpart.domain.links import Link
    from counterpart.domain.records import Record, SObject
    from counterpart.ports import (
        MergeRepository,
        RecordCreator,
        RunRepository,
        SettingsRepository,
        StreamRepository,
    )
    from counterpart.use_cases.apply_page import PagePorts

Told = TypeVar("Told")

# The last ones say enough; GET /runs has all.
_MOST_OUTCOMES = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class ExplainPorts:
    """What explaining needs of the world."""

    pages: PagePorts
    creator: RecordCreator
    settings: SettingsRepository
    runs: RunRepository
    streams: StreamRepository
    merges: MergeRepository


def explain(asked_for: str, *, ports: ExplainPorts) -> Explanation:
    """Return what is known of a contact id, an e-mail address or a Salesforce id."""
    return _Inquiry(asked_for.strip(), ports).answer()


class _Inquiry:
    """One question."""

    def __init__(self, asked_for: str, ports: ExplainPorts) -> None:
        self._asked_for = asked_for
        self._ports = ports
        self._settings = placed(ports.settings.current(), ports.pages.salesforce)
        self._fresh = FreshRecords(ports.pages.salesforce, self._settings)
        self._now = ports.pages.clock()
        self._pull = NextPulls(
            ports.pages, ports.streams, settings=self._settings, now=self._now, ask=self._ask
        )
        self._push = NextPushes(
            ports.pages.salesforce, self._settings, hidden=self._fresh.hidden_objects
        )
        # Why Salesforce could not be asked, once it was tried.
        self._silence: str | None = None

    def answer(self) -> Explanation:
        contact: Contact | None
        address = record_id = merged_into = None
        if "@" in self._asked_for:
            address = self._asked_for
            contact = next(iter(self._namesakes(address)), None)
        elif record_id := record_id_in(self._asked_for):
            contact = self._linked_to(record_id)
        else:
            contact = self._contact(self._asked_for)
            merges = self._ports.merges
            merged_into = None if contact else survivor_of(self._asked_for, merges=merges)
            contact = self._contact(merged_into) if merged_into else contact
            if contact and contact.counterpart is None:
                # Whom it may meet, or who is in its way.
                address = contact.email
        explained = self._explained(contact) if contact else None
        # An address is looked for among all people at once, which fails if our user may not read
        # one kind of them; so that comes last.
        found = self._of_address(address) if address else [record_id] if record_id else []
        records = self._records(found)
        return Explanation(
            asked_for=self._asked_for,
            at=self._now,
            settings_version=self._settings.version,
            contact=explained,
            records=records,
            silence=self._silence,
            merged_into=merged_into,
        )

    # --- Who it is about ------------------------------------------------------------------------

    def _contact(self, contact_id: str) -> Contact | None:
        return self._ports.pages.contacts.get_many([contact_id]).get(contact_id)

    def _namesakes(self, email: str | None) -> list[Contact]:
        key = email_key(email)
        found = self._ports.pages.contacts.find_by_email([key]).get(key, ()) if key else ()
        return list(found)

    def _linked_to(self, record_id: str) -> Contact | None:
        link = self._ports.pages.links.get_many([record_id]).get(record_id)
        return self._contact(link.subject_id) if link and link.subject_id else None

    def _of_address(self, email: str) -> list[str]:
        key = email_key(email) or ""
        look_up = self._ports.creator.look_up
        found = self._ask(lambda: look_up(emails=[key], domains=(), fields=()))
        return [each.record.id for each in found.people] if found else []

    def _ask(self, question: Callable[[], Told]) -> Told | None:
        """Return what Salesforce answers; `None` if it does not, and then remember why."""
        try:
            return question()
        except (TransientError, HaltError) as exc:
            self._silence = str(exc)
            return None

    # --- What is known of it --------------------------------------------------------------------

    def _explained(self, contact: Contact) -> ContactExplained:
        record, fresh = self._counterpart_of(contact)
        held = [one.record_id for one in (contact.counterpart, contact.former) if one]
        links = self._ports.pages.links.get_many(held)
        others = [each.id for each in self._namesakes(contact.email) if each.id != contact.id]
        former = links.get(contact.former.record_id) if contact.former else None
        push = self._ports.streams.get(PUSH)
        hold = holding(contact, push.hold, self._settings)
        return ContactExplained(
            contact=contact,
            namesakes=others,
            links=links,
            record=record,
            fresh=fresh,
            pulls=self._pulls(contact, record) if fresh or self._hides(contact) else {},
            fields=self._push.fields(
                contact,
                record,
                asked=self._silence is None,
                aside=self._pull.aside(record.object) if record else (),
                hold=hold,
            ),
            absence=why_absent(contact, former, self._settings),
            wait=self._push.wait(contact, hold),
            outcomes=self._ports.runs.about(contact.id, limit=_MOST_OUTCOMES),
        )

    def _counterpart_of(self, contact: Contact) -> tuple[Record | None, bool]:
        """Return the counterpart, and whether it is as of now rather than as last seen.

        Of a record that Salesforce has no more there is nothing to be said.
        """
        counterpart = contact.counterpart
        if counterpart is None:
            return None, False
        found = self._read({counterpart.object: [counterpart.record_id]})
        if counterpart.record_id in found:
            return found[counterpart.record_id], True
        known = self._silence is None and not self._hides(contact)
        return (None, True) if known else (last_seen(contact), False)

    def _hides(self, contact: Contact) -> bool:
        """Return whether our user may not read the object of a contact's record."""
        counterpart = contact.counterpart
        return counterpart is not None and counterpart.object in self._fresh.hidden_objects

    def _read(self, wanted: Mapping[SObject, Collection[str]]) -> Mapping[str, Record]:
        return self._ask(lambda: self._fresh.of(wanted)) or {}

    def _pulls(self, contact: Contact, record: Record | None) -> Mapping[str, NextPull]:
        """Return what the next pull does with each record of a linked contact, by its id."""
        further: dict[SObject, list[str]] = {}
        for one in contact.secondaries:
            further.setdefault(one.object, []).append(one.record_id)
        found = dict(self._read(further)) if further else {}
        if record and not self._hides(contact):
            found[record.id] = record
        # A silence that came meanwhile says nothing of those that it kept from us.
        silent = self._silence is not None
        return {
            one.record_id: (
                NextPull(does=None, why=unseen(one.object))
                if one.object in self._fresh.hidden_objects
                else self._pull.pull(one, found.get(one.record_id))
            )
            for one in records_of(contact)
            if not (silent and one.record_id not in found)
        }

    # --- What became of records -----------------------------------------------------------------

    def _records(self, record_ids: Collection[str]) -> list[RecordExplained]:
        wanted: dict[SObject, list[str]] = {}
        for record_id in record_ids:
            sobject = object_of(record_id)
            if sobject:
                wanted.setdefault(sobject, []).append(record_id)
        found = self._read(wanted) if wanted else {}
        links = self._ports.pages.links.get_many(list(record_ids))
        return [
            RecordExplained(
                record_id=record_id,
                sobject=sobject,
                record=found.get(record_id),
                link=links.get(record_id),
                why=self._fate(sobject, found.get(record_id), links.get(record_id)),
            )
            for sobject, ids in wanted.items()
            for record_id in ids
        ]

    def _fate(self, sobject: SObject, record: Record | None, link: Link | None) -> Why:
        left_out = self._pull.left_out(record) if record else None
        if self._silence is not None:
            return Why(reason=Fate.NOT_ASKED, message="Salesforce could not be asked")
        if sobject in self._fresh.hidden_objects:
            return unseen(sobject)
        stream = self._ports.streams.get(str(sobject))
        fate = fate_of(
            sobject, record, link, left_out=left_out, stream=stream, settings=self._settings
        )
        return self._pull.in_time(fate)
