"""The parts of contacts and companies that only we read, as JSON in one attribute each."""

from __future__ import annotations

import json
from sys import intern
from typing import TYPE_CHECKING, Any

from counterpart.adapters.dynamodb.compact_json import (
    moment_of,
    moment_text,
    to_json,
    without_nothing,
)
from counterpart.adapters.moments import from_text, to_short_text
from counterpart.domain.bounces import Bounce, BounceKind, BounceSource
from counterpart.domain.contacts import Ledger
from counterpart.domain.creation_requests import Sent
from counterpart.domain.links import Counterpart, LinkedBy, Secondary
from counterpart.domain.records import SObject
from counterpart.domain.waiting import InFlight, Parked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.values import Value


def ledger_text(ledger: Ledger) -> str:
    """Return the times and shadows of a ledger.

    Values of one record mostly share its time, so fields are listed by time. A shadow is written
    out even where it equals our value: a value that somebody mends by hand is then still seen to
    differ from what Salesforce holds.
    """
    fields_by_time: dict[str, list[str]] = {}
    texts: dict[datetime, str] = {}
    for name, moment in ledger.times.items():
        text = texts.get(moment) or texts.setdefault(moment, to_short_text(moment))
        fields_by_time.setdefault(text, []).append(name)
    content: dict[str, object] = {"times": fields_by_time, "shadows": dict(ledger.shadows)}
    if ledger.insisted:
        content["insisted"] = sorted(ledger.insisted)
    if ledger.passing:
        content["passing"] = {name: [*values] for name, values in ledger.passing.items()}
    return to_json(content)


def ledger_of(values: Mapping[str, Value], text: str) -> Ledger:
    """Return the ledger with these values whose times and shadows `ledger_text` wrote.

    Ten thousand of them may be held at once, so they share the names of their fields, and a
    shadow is the very text that we hold, where it says the same.
    """
    content = json.loads(text)
    times: dict[str, datetime] = {}
    for moment, names in content["times"].items():
        times |= dict.fromkeys(map(intern, names), from_text(moment))
    shadows = {
        intern(name): _shadow(shadow, values.get(name))
        for name, shadow in content["shadows"].items()
    }
    insisted = frozenset(content.get("insisted", ()))
    passing = {
        name: tuple(map(_value, passed)) for name, passed in content.get("passing", {}).items()
    }
    return Ledger(values=values, times=times, shadows=shadows, insisted=insisted, passing=passing)


def _shadow(stored: Any, held: Value) -> Value:  # noqa: ANN401 - whatever JSON holds
    if isinstance(stored, str) and stored == held:
        return held
    return _value(stored)


def _value(stored: Any) -> Value:  # noqa: ANN401 - whatever JSON holds
    """Return a value as it was before JSON, which knows lists alone."""
    return tuple(stored) if isinstance(stored, list) else stored


def counterpart_text(counterpart: Counterpart) -> str:
    """Return the details of a counterpart, without the record that it is."""
    return to_json(
        without_nothing(
            linked_at=to_short_text(counterpart.linked_at),
            linked_by=counterpart.linked_by.value,
            modstamp=moment_text(counterpart.modstamp),
            written_at=moment_text(counterpart.written_at),
            written_until=moment_text(counterpart.written_until),
            placed={name: to_short_text(at) for name, at in counterpart.placed.items()} or None,
            lifted_over=moment_text(counterpart.lifted_over),
            may_refuse=counterpart.may_refuse or None,
            bounce=_bounce_content(counterpart.bounce) if counterpart.bounce else None,
            person_account=counterpart.person_account or None,
            origin=counterpart.origin.value if counterpart.origin else None,
            came_from=counterpart.came_from,
        )
    )


def counterpart_of(record_id: str, sobject: str, text: str) -> Counterpart:
    """Return the counterpart whose details `counterpart_text` wrote."""
    content = json.loads(text)
    return Counterpart(
        record_id=record_id,
        object=SObject(sobject),
        linked_at=from_text(content["linked_at"]),
        linked_by=LinkedBy(content["linked_by"]),
        modstamp=moment_of(content.get("modstamp")),
        written_at=moment_of(content.get("written_at")),
        written_until=moment_of(content.get("written_until")),
        placed={name: from_text(at) for name, at in content.get("placed", {}).items()},
        lifted_over=moment_of(content.get("lifted_over")),
        may_refuse=content.get("may_refuse", False),
        bounce=_bounce_from(content["bounce"]) if "bounce" in content else None,
        person_account=content.get("person_account", False),
        origin=LinkedBy(content["origin"]) if "origin" in content else None,
        came_from=content.get("came_from"),
    )


def bounce_text(bounce: Bounce) -> str:
    """Return a bounce."""
    return to_json(_bounce_content(bounce))


def bounce_of(text: str) -> Bounce:
    """Return the bounce that `bounce_text` wrote."""
    return _bounce_from(json.loads(text))


def _bounce_content(bounce: Bounce) -> dict[str, str]:
    return {
        "kind": bounce.kind.value,
        "at": to_short_text(bounce.at),
        "email_key": bounce.email_key,
        "source": bounce.source.value,
        "reason": bounce.reason,
    }


def _bounce_from(content: Mapping[str, Any]) -> Bounce:
    return Bounce(
        kind=BounceKind(content["kind"]),
        at=from_text(content["at"]),
        email_key=content["email_key"],
        source=BounceSource(content["source"]),
        reason=content["reason"],
    )


def secondaries_text(secondaries: Sequence[Secondary]) -> str:
    """Return the further records of a contact."""
    return to_json(
        [
            without_nothing(
                record_id=one.record_id,
                object=one.object.value,
                linked_at=to_short_text(one.linked_at),
                came_from=one.came_from,
                modstamp=moment_text(one.modstamp),
                shadows=dict(one.shadows),
                lifted_at=moment_text(one.lifted_at),
                gone=one.gone or None,
            )
            for one in secondaries
        ]
    )


def secondaries_of(text: str) -> tuple[Secondary, ...]:
    """Return the further records that `secondaries_text` wrote."""
    return tuple(
        Secondary(
            record_id=content["record_id"],
            object=SObject(content["object"]),
            linked_at=from_text(content["linked_at"]),
            came_from=content["came_from"],
            modstamp=moment_of(content.get("modstamp")),
            shadows={name: _value(value) for name, value in content["shadows"].items()},
            lifted_at=moment_of(content.get("lifted_at")),
            gone=content.get("gone", False),
        )
        for content in json.loads(text)
    )


def flight_text(flight: InFlight) -> str:
    """Return what a job carries."""
    return to_json(
        {
            "job_id": flight.job_id,
            "record_id": flight.record_id,
            "sent": dict(flight.sent),
            "version": flight.version,
        }
    )


def flight_of(text: str) -> InFlight:
    """Return what `flight_text` wrote."""
    content = json.loads(text)
    sent = {name: _value(value) for name, value in content["sent"].items()}
    return InFlight(**{**content, "sent": sent})


def sent_text(sent: Sent) -> str:
    """Return what was sent to make a record."""
    return to_json({"at": to_short_text(sent.at), "values": dict(sent.values)})


def sent_of(text: str) -> Sent:
    """Return what `sent_text` wrote."""
    content = json.loads(text)
    return Sent(
        values={name: tuple(map(_value, values)) for name, values in content["values"].items()},
        at=from_text(content["at"]),
    )


def parked_text(parked: Parked) -> str:
    """Return why something was set aside."""
    return to_json(
        {
            "code": parked.code,
            "message": parked.message,
            "fields": list(parked.fields),
            "attempts": parked.attempts,
            "first_at": to_short_text(parked.first_at),
            "last_at": to_short_text(parked.last_at),
            "run_id": parked.run_id,
            **({"further": parked.further} if parked.further else {}),
        }
    )


def parked_of(text: str) -> Parked:
    """Return what `parked_text` wrote."""
    content = json.loads(text)
    return Parked(
        **{
            **content,
            "fields": tuple(content["fields"]),
            "first_at": from_text(content["first_at"]),
            "last_at": from_text(content["last_at"]),
            "further": tuple((code, words) for code, words in content.get("further", ())),
        }
    )
