"""Simulating a change of settings: what it would do otherwise, by the judgements themselves.

Each contact is explained twice, by the settings that hold and by those proposed, and what differs
is the answer. Nothing is decided here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from counterpart.domain.account_choice import account_wish, choose_account
from counterpart.domain.creation import new_values, object_for
from counterpart.domain.explaining import explain_fields
from counterpart.domain.foreseeing import foreseen
from counterpart.domain.policy import Verdict
from counterpart.domain.subjects import Subject

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from counterpart.domain.account_choice import AccountMatch
    from counterpart.domain.contacts import Contact
    from counterpart.domain.explaining import FieldExplained
    from counterpart.domain.places import Place
    from counterpart.domain.records import Record
    from counterpart.domain.sync_settings import SyncSettings

_MOST_EXAMPLES = 5
# What stays here because nobody may be created.
NOBODY = "stays here"


class FieldChange(NamedTuple):
    """What a pull or a push would do with a field, and did."""

    object: str
    direction: str
    field: str
    before: str
    after: str


class CreationChange(NamedTuple):
    """What a contact would become in Salesforce, and became."""

    before: str
    after: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """One case of a change: a contact, or a company."""

    subject_id: str
    record_id: str | None = None
    why: str = ""


@dataclass(kw_only=True)
class Examples:
    """How often something changes, and the first few cases."""

    count: int = 0
    first: list[Example] = field(default_factory=list)

    def add(self, example: Example) -> None:
        """Count one more."""
        self.count += 1
        if len(self.first) < _MOST_EXAMPLES:
            self.first.append(example)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sight:
    """Somebody's record, as each of the two settings reads it; `None` if there is none."""

    current: Record | None
    proposed: Record | None


def field_changes(
    subject: Subject,
    sight: Sight,
    *,
    current: SyncSettings,
    proposed: SyncSettings,
    places: Mapping[str, Place],
) -> Iterator[tuple[FieldChange, Example]]:
    """Yield what would be done otherwise with the fields of a linked contact or company.

    Args:
        subject: Whose.
        sight: Its record.
        current: The settings that hold.
        proposed: Those that may.
        places: What is known of the fields of the record, by API name in lower case.
    """
    before: Mapping[str, FieldExplained] = _by_name(subject, sight.current, current, places)
    after: Mapping[str, FieldExplained] = _by_name(subject, sight.proposed, proposed, places)
    record = sight.proposed or sight.current
    if record is None:
        return
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        for direction in ("pull", "push"):
            did, does = _done(old, direction), _done(new, direction)
            if did != does:
                judged = new.pull if new and direction == "pull" else new.push if new else None
                change = FieldChange(record.object.value, direction, name, did, does)
                why = judged.why if judged else "the field is not mapped any more"
                yield change, Example(subject_id=subject.id, record_id=record.id, why=why)


def _by_name(
    subject: Subject, record: Record | None, settings: SyncSettings, places: Mapping[str, Place]
) -> Mapping[str, FieldExplained]:
    if record is None:
        return {}
    comes_in = settings.inbound.objects[record.object].enabled
    explained = foreseen(
        explain_fields(subject, record, settings),
        settings.fields_of(record.object),
        record.object,
        places,
    )
    return {
        one.name: one if comes_in else _without_pull(one)
        for one in explained
        if one.mode is not None
    }


def _without_pull(explained: FieldExplained) -> FieldExplained:
    return replace(explained, pull=explained.pull._replace(verdict=Verdict.LEAVE))


def _done(explained: FieldExplained | None, direction: str) -> str:
    if explained is None:
        return Verdict.LEAVE.value
    return (explained.pull if direction == "pull" else explained.push).verdict.value


@dataclass(frozen=True, kw_only=True, slots=True)
class Birth:
    """What a contact would become in Salesforce if somebody asked now.

    Attributes:
        words: Lead or Contact, and on which Account.
        values: Of the new record, by API name.
    """

    words: str
    values: Mapping[str, object]


def birth_of(
    contact: Contact,
    settings: SyncSettings,
    *,
    domain: str | None,
    accounts: Sequence[AccountMatch],
) -> Birth:
    """Return what a contact without a record would become.

    Args:
        contact: Which; a request of its own that settles something stands.
        settings: By which it is decided.
        domain: Of its employer; `None` for a free-mail address.
        accounts: Those of that domain that we know of.
    """
    rules, request = settings.creation, contact.creation
    sobject = object_for(rules, request.create_as if request else None)
    if not settings.outbound.writes(sobject):
        return Birth(words=NOBODY, values={})
    values, _ = new_values(
        contact, settings.fields_of(sobject), sobject, domain=domain, rules=rules
    )
    words = sobject.value
    if words == "Contact":
        wish = account_wish(rules, domain=domain, settled=request.account if request else None)
        choice = choose_account(wish, contact_id=contact.id, domain=domain, matches=accounts)
        if choice.account_id:
            words += " on an Account that is there"
        elif choice.company_id:
            words += " on a new Account"
        else:
            words += " without an Account"
    return Birth(words=words, values=values)
