"""Explanations: what `explain` found, and how it is told as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from counterpart.domain.bounces import still_standing
from counterpart.domain.policy import UNKNOWN
from counterpart.domain.record_fates import nothing_known
from counterpart.domain.sync_tags import tags_of
from counterpart.domain.values import format_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.contacts import Contact
    from counterpart.domain.explaining import FieldExplained, Why
    from counterpart.domain.links import Counterpart, Link
    from counterpart.domain.policy import Judgement
    from counterpart.domain.records import Record, SObject
    from counterpart.domain.waits import Wait
    from counterpart.ports import ToldOutcome

# How a link came about, by `LinkedBy`.
_MADE = {
    "record": "the record was pulled, and this contact was born from it",
    "email": "both had the same address when they met, and neither was linked",
    "domain": "both had the same domain when they met",
    "creation": "the record was created in Salesforce for this contact",
    "conversion": "the lead that it was linked to became this Contact",
    "merge": "the record that it was linked to was merged into this one",
    "undeletion": "the record was deleted and came back",
    "local_merge": "the contact that was linked to it was merged into this one, here",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class NextPull:
    """Whether the next pull reads a record of a contact.

    Attributes:
        does: What a pull that reads it does with the contact; `None` where nothing can be read.
    """

    does: str | None
    why: Why

    def answer(self) -> dict[str, object]:
        """Return it as JSON."""
        return {"does": self.does, **_why(self.why)}


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactExplained:
    """What is known of a contact.

    Attributes:
        namesakes: Ids of other contacts of its address.
        links: What its counterpart, present or former, means to us, by Salesforce id.
        record: Its counterpart, now or as last seen.
        fresh: It is as Salesforce holds it now.
        pulls: What the next pull does with its record and further ones, by Salesforce id; without
            those of which Salesforce said nothing.
        absence: Why it is not in Salesforce, if it is not.
    """

    contact: Contact
    namesakes: Sequence[str]
    links: Mapping[str, Link]
    record: Record | None
    fresh: bool
    pulls: Mapping[str, NextPull]
    fields: Sequence[FieldExplained]
    absence: Why | None
    wait: Wait | None
    outcomes: Sequence[ToldOutcome]

    def answer(self) -> dict[str, object]:
        """Return it as JSON."""
        contact, record = self.contact, self.record
        bounce = still_standing(contact.bounce, contact.email)
        return {
            "id": contact.id,
            "email": contact.email,
            "opted_out": contact.opted_out,
            "tags": list(tags_of(contact)),
            "bounced": bounce.kind.value if bounce else None,
            "outbound_paused_at": _moment(contact.outbound_paused_at),
            "company_id": contact.company_id,
            "account_id": contact.account_id,
            "created_at": format_time(contact.created_at),
            "updated_at": format_time(contact.updated_at),
            "version": contact.version,
            "same_email": list(self.namesakes),
            "salesforce": self._counterpart(contact.counterpart),
            "former": self._counterpart(contact.former),
            "secondaries": [
                {
                    "id": one.record_id,
                    "object": one.object.value,
                    "came_from": one.came_from,
                    "applied": _moment(one.modstamp),
                    "next_pull": self._next_pull(one.record_id),
                }
                for one in contact.secondaries
            ],
            "merged": list(contact.merged),
            "not_in_salesforce": _why(self.absence) if self.absence else None,
            "waiting": _wait(self.wait) if self.wait else None,
            "theirs_from": ("salesforce" if self.fresh else "shadow") if record else None,
            "their_time": format_time(record.modified_at) if record and self.fresh else None,
            "next_pull": (
                self._next_pull(contact.counterpart.record_id) if contact.counterpart else None
            ),
            "fields": [_field(field) for field in self.fields],
            "outcomes": [_outcome(told) for told in self.outcomes],
        }

    def _next_pull(self, record_id: str) -> dict[str, object] | None:
        pull = self.pulls.get(record_id)
        return pull.answer() if pull else None

    def _counterpart(self, counterpart: Counterpart | None) -> dict[str, object] | None:
        if counterpart is None:
            return None
        link = self.links.get(counterpart.record_id)
        return {
            "id": counterpart.record_id,
            "object": counterpart.object.value,
            "state": link.state.value if link else None,
            "linked_at": format_time(counterpart.linked_at),
            "linked_by": counterpart.linked_by.value,
            "message": _MADE[counterpart.linked_by.value],
            "applied": _moment(counterpart.modstamp),
            "written_at": _moment(counterpart.written_at),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordExplained:
    """What became of a record of Salesforce."""

    record_id: str
    sobject: SObject
    record: Record | None
    link: Link | None
    why: Why

    def answer(self) -> dict[str, object]:
        """Return it as JSON."""
        subject_id = self.link.subject_id if self.link else None
        person = self.sobject.is_person
        return {
            "id": self.record_id,
            "object": self.sobject.value,
            "state": self.link.state.value if self.link else None,
            "contact_id": subject_id if person else None,
            "company_id": None if person else subject_id,
            "changed_at": format_time(self.record.modstamp) if self.record else None,
            **_why(self.why),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """What was found.

    Attributes:
        asked_for: A contact id, an address or a Salesforce id.
        contact: `None` if nobody here is meant.
        records: Of that address, of that id, or of the address of a contact without a record.
        silence: Why Salesforce could not be asked, if it could not.
        merged_into: The contact that is told of, since the one that was asked for is no more.
    """

    asked_for: str
    at: datetime
    settings_version: int
    contact: ContactExplained | None
    records: Sequence[RecordExplained]
    silence: str | None
    merged_into: str | None

    def answer(self) -> dict[str, object]:
        """Return it as JSON."""
        return {
            "asked_for": self.asked_for,
            "merged_into": self.merged_into,
            "at": format_time(self.at),
            "settings_version": self.settings_version,
            "contact": self.contact.answer() if self.contact else None,
            "records": [record.answer() for record in self.records],
            "nothing_found": None
            if self.contact or self.records
            else nothing_known(self.asked_for, silent=self.silence is not None),
            "salesforce_silent": self.silence,
        }


def _field(field: FieldExplained) -> dict[str, object]:
    told = {
        "name": field.name,
        "mode": field.mode.value if field.mode else None,
        "ours": _json(field.ours),
        "our_time": _moment(field.our_time),
        "pull": _judgement(field.pull),
        "push": _judgement(field.push),
    }
    # What is not known is left out, since a blank is null.
    known = {"theirs": field.theirs, "shadow": field.shadow}
    return told | {name: _json(value) for name, value in known.items() if value is not UNKNOWN}


def _judgement(judged: Judgement) -> dict[str, str]:
    return {"does": judged.verdict.value, "why": judged.why}


def _outcome(told: ToldOutcome) -> dict[str, object]:
    outcome = told.outcome
    return {
        "run_id": told.run_id,
        "at": format_time(outcome.at),
        "action": outcome.action.value,
        "reason": outcome.reason.value,
        "object": outcome.object,
        "record_id": outcome.record_id,
        "field": outcome.field,
        "message": outcome.message,
        "code": outcome.code,
        "kept": outcome.kept,
        "lost": outcome.lost,
    }


def _wait(wait: Wait) -> dict[str, object]:
    return {
        "lane": wait.lane.value,
        "since": _moment(wait.since),
        "attempts": wait.attempts,
        "goes_at": _moment(wait.goes_at),
        "message": wait.message,
    }


def _why(why: Why) -> dict[str, object]:
    return {"reason": str(why.reason), "message": why.message}


def _json(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _moment(moment: datetime | None) -> str | None:
    return format_time(moment) if moment else None
