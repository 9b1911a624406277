"""The state of a stream, as JSON in one attribute that only we read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from counterpart.adapters.dynamodb.compact_json import (
    moment_of,
    moment_text,
    to_json,
    without_nothing,
)
from counterpart.adapters.moments import from_text, to_short_text
from counterpart.domain.backfill import Backfill, OpenBackfill
from counterpart.domain.guard import Danger, Dangers, Hold
from counterpart.domain.records import SObject
from counterpart.domain.streams import BulkJob, StreamState
from counterpart.domain.sweep_requests import SweepPlace, Swept
from counterpart.domain.windows import Keyset, PassProgress

if TYPE_CHECKING:
    from collections.abc import Mapping


def state_text(state: StreamState) -> str:
    """Return a stream's state, but for its name."""
    return to_json(
        without_nothing(
            watermark=moment_text(state.watermark),
            upper=moment_text(state.upper),
            progress={name: _progress(step) for name, step in state.progress.items()},
            set_aside=list(state.set_aside),
            looked_at=moment_text(state.looked_at),
            described_at=moment_text(state.described_at),
            aside_since={path: to_short_text(at) for path, at in state.aside_since.items()},
            started_at=moment_text(state.started_at),
            finished_at=moment_text(state.finished_at),
            last_run=state.last_run,
            backfill=_backfill(state.backfill) if state.backfill else None,
            jobs={name: _job(job) for name, job in state.jobs.items()} or None,
            hold=_hold(state.hold) if state.hold else None,
            unswept=_place(state.unswept) if state.unswept else None,
        )
    )


def state_of(stream: str, text: str) -> StreamState:
    """Return the state that `state_text` wrote."""
    content = json.loads(text)
    return StreamState(
        stream=stream,
        watermark=moment_of(content.get("watermark")),
        upper=moment_of(content.get("upper")),
        progress={name: _progress_of(step) for name, step in content["progress"].items()},
        set_aside=tuple(content["set_aside"]),
        looked_at=moment_of(content.get("looked_at")),
        described_at=moment_of(content.get("described_at")),
        aside_since={path: from_text(at) for path, at in content.get("aside_since", {}).items()},
        started_at=moment_of(content.get("started_at")),
        finished_at=moment_of(content.get("finished_at")),
        last_run=content.get("last_run"),
        backfill=_backfill_of(content["backfill"]) if "backfill" in content else None,
        jobs={SObject(name): _job_of(job) for name, job in content.get("jobs", {}).items()},
        hold=_hold_of(content["hold"]) if "hold" in content else None,
        unswept=_place_of(content["unswept"]) if "unswept" in content else None,
    )


def _job(job: BulkJob) -> dict[str, Any]:
    return without_nothing(
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
        "objects": list(hold.objects),
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
        objects=tuple(content.get("objects", ())),
    )


def _place(place: SweepPlace) -> dict[str, object]:
    return without_nothing(start=str(place.start), after=place.after)


def _place_of(content: Mapping[str, Any]) -> SweepPlace:
    return SweepPlace(start=Swept(content["start"]), after=content.get("after"))


def _backfill(opened: OpenBackfill) -> dict[str, object]:
    what = opened.what
    return without_nothing(
        id=opened.id,
        object=str(what.object),
        fields=list(what.fields) or None,
        since=moment_text(what.since),
        until=moment_text(what.until),
        ids=list(what.ids) or None,
        total=opened.total,
        done=opened.done,
    )


def _backfill_of(content: Mapping[str, Any]) -> OpenBackfill:
    what = Backfill(
        object=SObject(content["object"]),
        fields=tuple(content.get("fields", ())),
        since=moment_of(content.get("since")),
        until=moment_of(content.get("until")),
        ids=tuple(content.get("ids", ())),
    )
    return OpenBackfill(id=content["id"], what=what, total=content["total"], done=content["done"])


def _progress(step: PassProgress) -> dict[str, Any]:
    after = step.after
    place = (
        {"modstamp": to_short_text(after.modstamp), "record_id": after.record_id} if after else None
    )
    bounds = without_nothing(since=moment_text(step.since), until=moment_text(step.until))
    cleared = without_nothing(cleared_by=step.cleared_by)
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
        since=moment_of(content.get("since")),
        until=moment_of(content.get("until")),
        cleared_by=content.get("cleared_by"),
    )
