"""The parts of our items that only we read: compact JSON in one attribute each.

A nested map of DynamoDB would name every type and take several times as long to encode.
"""

from __future__ import annotations

import json
from sys import intern
from typing import TYPE_CHECKING, Any

from counterpart.adapters.moments import from_text, to_short_text
from counterpart.domain.backfill import Backfill, OpenBackfill
from counterpart.domain.bounces import Bounce, BounceKind, BounceSource
from counterpart.domain.contacts import (
    Counterpart,
    InFlight,
    Ledger,
    LinkedBy,
    Parked,
    Secondary,
    Sent,
)
from counterpart.domain.guard import Danger, Dangers, Hold
from counterpart.domain.records import SObject
from counterpart.domain.streams import BulkJob, Keyset, PassProgress, StreamState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.values import Value


def to_json(content: object) -> str:
    """Return *content* in as few characters as JSON takes."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


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
    return Ledger(values=values, times=times, shadows=shadows, insisted=insisted)


def _shadow(stored: Any, held: Value) -> Value:  # noqa: ANN401 - whatever JSON holds
    if isinstance(stored, str) and stored == held:
        return held
    return tuple(stored) if isinstance(stored, list) else stored


def counterpart_text(counterpart: Counterpart) -> str:
    """Return the details of a counterpart, without the record that it is."""
    return to_json(
        _without_nothing(
            linked_at=to_short_text(counterpart.linked_at),
            linked_by=counterpart.linked_by.value,
            modstamp=_text(counterpart.modstamp),
            written_at=_text(counterpart.written_at),
            written_until=_text(counterpart.written_until),
            person_account=counterpart.person_account or None,
            origin=counterpart.origin.value if counterpart.origin else None,
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
        modstamp=_moment(content.get("modstamp")),
        written_at=_moment(content.get("written_at")),
        written_until=_moment(content.get("written_until")),
        person_account=content.get("person_account", False),
        origin=LinkedBy(content["origin"]) if "origin" in content else None,
    )


def bounce_text(bounce: Bounce) -> str:
    """Return a bounce."""
    return to_json(
        {
            "kind": bounce.kind.value,
            "at": to_short_text(bounce.at),
            "email_key": bounce.email_key,
            "source": bounce.source.value,
            "reason": bounce.reason,
        }
    )


def bounce_of(text: str) -> Bounce:
    """Return the bounce that `bounce_text` wrote."""
    content = json.loads(text)
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
            _without_nothing(
                record_id=one.record_id,
                object=one.object.value,
                linked_at=to_short_text(one.linked_at),
                came_from=one.came_from,
                modstamp=_text(one.modstamp),
                shadows=dict(one.shadows),
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
            modstamp=_moment(content.get("modstamp")),
            shadows={
                name: tuple(value) if isinstance(value, list) else value
                for name, value in content["shadows"].items()
            },
        )
        for content in json.loads(text)
    )


def state_text(state: StreamState) -> str:
    """Return a stream's state, but for its name."""
    return to_json(
        _without_nothing(
            watermark=_text(state.watermark),
            upper=_text(state.upper),
            progress={name: _progress(step) for name, step in state.progress.items()},
            set_aside=list(state.set_aside),
            looked_at=_text(state.looked_at),
            described_at=_text(state.described_at),
            aside_since={path: to_short_text(at) for path, at in state.aside_since.items()},
            started_at=_text(state.started_at),
            finished_at=_text(state.finished_at),
            last_run=state.last_run,
            backfill=_backfill(state.backfill) if state.backfill else None,
            jobs={name: _job(job) for name, job in state.jobs.items()} or None,
            hold=_hold(state.hold) if state.hold else None,
        )
    )


def state_of(stream: str, text: str) -> StreamState:
    """Return the state that `state_text` wrote."""
    content = json.loads(text)
    return StreamState(
        stream=stream,
        watermark=_moment(content.get("watermark")),
        upper=_moment(content.get("upper")),
        progress={name: _progress_of(step) for name, step in content["progress"].items()},
        set_aside=tuple(content["set_aside"]),
        looked_at=_moment(content.get("looked_at")),
        described_at=_moment(content.get("described_at")),
        aside_since={path: from_text(at) for path, at in content.get("aside_since", {}).items()},
        started_at=_moment(content.get("started_at")),
        finished_at=_moment(content.get("finished_at")),
        last_run=content.get("last_run"),
        backfill=_backfill_of(content["backfill"]) if "backfill" in content else None,
        jobs={SObject(name): _job_of(job) for name, job in content.get("jobs", {}).items()},
        hold=_hold_of(content["hold"]) if "hold" in content else None,
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
    sent = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in content["sent"].items()
    }
    return InFlight(**{**content, "sent": sent})


def sent_text(sent: Sent) -> str:
    """Return what was sent to make a record."""
    return to_json({"at": to_short_text(sent.at), "values": dict(sent.values)})


def sent_of(text: str) -> Sent:
    """Return what `sent_text` wrote."""
    content = json.loads(text)
    return Sent(
        values={
            name: tuple(tuple(value) if isinstance(value, list) else value for value in values)
            for name, values in content["values"].items()
        },
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


def _job(job: BulkJob) -> dict[str, Any]:
    return _without_nothing(
        job_id=job.job_id, opened_at=to_short_text(job.opened_at), misses=job.misses
    )


def _job_of(content: Mapping[str, Any]) -> BulkJob:
    return BulkJob(
        job_id=content.get("job_id"),
        opened_at=from_text(content["opened_at"]),
        misses=content["misses"],
    )


def _hold(hold: Hold) -> dict[str, object]:
    return {
        "id": hold.id,
        "step": hold.step,
        "counts": {str(danger): number for danger, number in hold.dangers.counts.items()},
        "examples": list(hold.dangers.examples),
        "of": hold.of,
        "complete": hold.complete,
        "held_at": to_short_text(hold.held_at),
        "looked_at": to_short_text(hold.looked_at),
        "approved": hold.approved,
        "settings_version": hold.settings_version,
    }


def _hold_of(content: Mapping[str, Any]) -> Hold:
    counts = {Danger(name): number for name, number in content["counts"].items()}
    return Hold(
        id=content["id"],
        step=content["step"],
        dangers=Dangers(counts=counts, examples=tuple(content["examples"])),
        of=content["of"],
        complete=content["complete"],
        held_at=from_text(content["held_at"]),
        looked_at=from_text(content["looked_at"]),
        approved=content["approved"],
        settings_version=content.get("settings_version", 0),
    )


def _backfill(opened: OpenBackfill) -> dict[str, object]:
    what = opened.what
    return _without_nothing(
        id=opened.id,
        object=str(what.object),
        fields=list(what.fields) or None,
        since=_text(what.since),
        until=_text(what.until),
        ids=list(what.ids) or None,
        total=opened.total,
        done=opened.done,
    )


def _backfill_of(content: Mapping[str, Any]) -> OpenBackfill:
    what = Backfill(
        object=SObject(content["object"]),
        fields=tuple(content.get("fields", ())),
        since=_moment(content.get("since")),
        until=_moment(content.get("until")),
        ids=tuple(content.get("ids", ())),
    )
    return OpenBackfill(id=content["id"], what=what, total=content["total"], done=content["done"])


def _progress(step: PassProgress) -> dict[str, Any]:
    after = step.after
    place = (
        {"modstamp": to_short_text(after.modstamp), "record_id": after.record_id} if after else None
    )
    bounds = _without_nothing(since=_text(step.since), until=_text(step.until))
    cleared = {"cleared": True} if step.cleared else {}
    return {"after": place, "finished": step.finished, **bounds, **cleared}


def _progress_of(content: Mapping[str, Any]) -> PassProgress:
    place = content["after"]
    after = (
        Keyset(modstamp=from_text(place["modstamp"]), record_id=place["record_id"])
        if place
        else None
    )
    return PassProgress(
        after=after,
        finished=content["finished"],
        since=_moment(content.get("since")),
        until=_moment(content.get("until")),
        cleared=content.get("cleared", False),
    )


def _text(moment: datetime | None) -> str | None:
    return to_short_text(moment) if moment else None


def _moment(text: str | None) -> datetime | None:
    return from_text(text) if text else None


def _without_nothing(**content: object) -> dict[str, object]:
    return {name: value for name, value in content.items() if value is not None}
