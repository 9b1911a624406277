"""What people and schedules may ask of a function, read strictly.

A key that is not known, a time without a zone or an object that we do not sync is refused with a
sentence that names what is allowed: a typing error must never become a full sync.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from counterpart.domain.creation_requests import CreateAs
from counterpart.domain.document import Section, check_text, choose
from counterpart.domain.ids import given_id, is_salesforce_id
from counterpart.domain.records import record_id_in
from counterpart.domain.values import format_time
from counterpart.errors import InputError

if TYPE_CHECKING:
    from datetime import datetime

# Enough for a person's list; whatever is larger is a window of time.
MOST_IDS = 2000

# What a plain pull and a plain push may be told.
PULL_KEYS = ("objects", "since", "ids", "dry_run", "scheduled")
PUSH_KEYS = ("contact_ids", "everything_waiting", "dry_run", "scheduled")


class PulledObject(StrEnum):
    """The objects that a pull reads."""

    ACCOUNT = "Account"
    CONTACT = "Contact"
    LEAD = "Lead"
    # With the roles that people have in them.
    OPPORTUNITY = "Opportunity"


@dataclass(frozen=True, kw_only=True, slots=True)
class PullRequest:
    """What to pull.

    Attributes:
        objects: These alone; empty means every enabled one.
        since: Read once more what was changed at or after this moment.
        ids: Only these records, 18 characters each.
        dry_run: Plan for real, write nothing.
        scheduled: Asked by the schedule: an object whose interval has not passed is left out.
    """

    objects: tuple[str, ...] = ()
    since: datetime | None = None
    ids: tuple[str, ...] = ()
    dry_run: bool = False
    scheduled: bool = False

    def payload(self) -> dict[str, object]:
        """Return the payload that asks for the same."""
        payload: dict[str, object] = {}
        if self.objects:
            payload["objects"] = [str(sobject) for sobject in self.objects]
        if self.since:
            payload["since"] = format_time(self.since)
        if self.ids:
            payload["ids"] = list(self.ids)
        if self.scheduled:
            payload["scheduled"] = True
        return payload


@dataclass(frozen=True, kw_only=True, slots=True)
class PushRequest:
    """What to push.

    Attributes:
        contact_ids: These contacts, whether they wait or not.
        everything_waiting: All that waits, however little and however fresh.
        dry_run: Plan for real, write nothing.
        scheduled: Asked by the schedule: goes only if enough waits, or has waited long enough.
    """

    contact_ids: tuple[str, ...] = ()
    everything_waiting: bool = False
    dry_run: bool = False
    scheduled: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class CreateRequest:
    """Whom to create in Salesforce now.

    Attributes:
        create_as: As what; `None` leaves it to each request, and that to the settings.
    """

    contact_ids: tuple[str, ...]
    create_as: CreateAs | None = None
    dry_run: bool = False


def parse_pull_request(payload: Mapping[str, object]) -> PullRequest:
    """Return what a payload asks `pull_records` for; an empty one asks for everything now.

    Raises:
        InputError: it asks for something that is not allowed.
    """
    section = Section(payload, path="", allowed=PULL_KEYS)
    names = section.texts("objects")
    if names == ():
        message = "names no object; leave objects out to pull all that are enabled"
        raise InputError(message, field="objects")
    objects = tuple(
        dict.fromkeys(choose(name, PulledObject, path="objects") for name in names or ())
    )
    ids = section.texts("ids")
    if ids == ():
        raise InputError("names no record; leave ids out to pull what changed", field="ids")
    if ids and (objects or "since" in section):
        raise InputError("ids stands alone: leave out objects and since", field="ids")
    return PullRequest(
        objects=objects,
        since=section.moment("since"),
        ids=record_ids(ids or (), path="ids"),
        dry_run=section.boolean("dry_run", default=False),
        scheduled=section.boolean("scheduled", default=False),
    )


def parse_push_request(payload: Mapping[str, object]) -> PushRequest:
    """Return what a payload asks `push_edits` for.

    Raises:
        InputError: it asks for something that is not allowed, or for nothing.
    """
    section = Section(payload, path="", allowed=PUSH_KEYS)
    contact_ids = tuple(dict.fromkeys(section.texts("contact_ids") or ()))
    everything = section.boolean("everything_waiting", default=False)
    scheduled = section.boolean("scheduled", default=False)
    dry_run = section.boolean("dry_run", default=False)
    if not (contact_ids or everything or scheduled or dry_run):
        raise InputError('say what to push: {"contact_ids": [...]} or {"everything_waiting": true}')
    if contact_ids and everything:
        raise InputError("name contacts or say everything_waiting, not both", field="contact_ids")
    if len(contact_ids) > MOST_IDS:
        raise InputError(
            f"at most {MOST_IDS} contacts at once; use everything_waiting for more",
            field="contact_ids",
        )
    return PushRequest(
        contact_ids=contact_ids,
        everything_waiting=everything,
        dry_run=dry_run,
        scheduled=scheduled,
    )


def parse_create_request(payload: Mapping[str, object]) -> CreateRequest:
    """Return what a payload asks `create_records` for.

    Raises:
        InputError: it asks for something that is not allowed, or for nothing.
    """
    section = Section(payload, path="", allowed=("contact_ids", "create_as", "dry_run"))
    contact_ids = tuple(dict.fromkeys(section.texts("contact_ids") or ()))
    if not contact_ids:
        raise InputError(
            'name the contacts to create, such as {"contact_ids": ["01J..."]}', field="contact_ids"
        )
    if len(contact_ids) > MOST_IDS:
        raise InputError(f"at most {MOST_IDS} contacts at once", field="contact_ids")
    create_as = None
    if section.get("create_as") is not None:
        create_as = choose(section.get("create_as"), CreateAs, path="create_as")
    return CreateRequest(
        contact_ids=contact_ids,
        create_as=create_as,
        dry_run=section.boolean("dry_run", default=False),
    )


def record_ids(ids: tuple[str, ...], *, path: str) -> tuple[str, ...]:
    """Return Salesforce ids with 18 characters, each once.

    Raises:
        InputError: one is no id of an object that we sync, or there are too many.
    """
    if len(ids) > MOST_IDS:
        raise InputError(
            f"at most {MOST_IDS} ids at once; for more, leave ids out and say since when",
            field=path,
        )
    found: dict[str, None] = {}
    for text in ids:
        record_id = record_id_in(text)
        if record_id is None:
            raise InputError(_no_record(text), field=path)
        found[record_id] = None
    return tuple(found)


def _no_record(text: str) -> str:
    """Return why a text names no record."""
    if is_salesforce_id(text) and given_id(text) is None:
        return (
            f"{text!r} was mistyped: its last three characters, which tell the capitals, "
            "contradict the others"
        )
    return (
        f"{text!r} is not the id of a Lead (00Q…), a Contact (003…) or an Account (001…), "
        "15 or 18 characters"
    )


def payload_of(event: object) -> Mapping[str, object]:
    """Return what an event asks for: its own words, or the schedule's usual look.

    EventBridge Scheduler sends its own envelope where a schedule has no input.

    Raises:
        InputError: it is other JSON than an object, which a test event may be, or holds what is no
            text.
    """
    if not isinstance(event, Mapping):
        raise InputError("a payload is a JSON object, such as {}; events/ has samples")
    check_text(event)
    if event.get("source") in {"aws.scheduler", "aws.events"}:
        return {"scheduled": True}
    return event
