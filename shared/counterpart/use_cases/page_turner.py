"""Turning pages: ask for what comes next, apply what it is the turn of.

One poll asks for the next page of every pass at once, so that finding nothing costs one call.
Pages are applied in the order of the passes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.outcomes import Action, Outcome, Reason
from counterpart.domain.records import SObject, object_of
from counterpart.domain.streams import PASSES, Rows, after_page, lower_bound, narrowed
from counterpart.errors import MissingFieldError, TransientError
from counterpart.ports import PageQuery
from counterpart.use_cases.apply_page import apply_page

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.records import Record
    from counterpart.domain.streams import Pass
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.use_cases.apply_page import PagePorts, Tally
    from counterpart.use_cases.pulled_streams import PulledStream, PulledStreams


class PageTurner:
    """Reads pages and single records, and applies them.

    Args:
        streams: Where progress is saved.
        pages: The world.
        settings: What is read, and by which modes it crosses.
        tally: What became of it is counted here.
        dry_run: Plan for real and write nothing.
    """

    def __init__(
        self,
        streams: PulledStreams,
        pages: PagePorts,
        settings: SyncSettings,
        *,
        tally: Tally,
        dry_run: bool,
    ) -> None:
        self._streams = streams
        self._pages = pages
        self._salesforce = pages.salesforce
        self._clock = pages.clock
        self._settings = settings
        self._tally = tally
        self._dry_run = dry_run

    def turn(self, streams: Sequence[PulledStream]) -> None:
        """Ask for the next page of every pass, in one call, and apply those whose turn it is."""
        steps = _next_steps(streams)
        asked_at = self._clock()
        try:
            poll = self._salesforce.poll([self._query(stream, step) for stream, step in steps])
        except MissingFieldError as exc:
            self._set_aside(streams, exc)
            return

        for stream in streams:
            if stream.state.upper is None:
                stream.state = replace(stream.state, upper=poll.as_of)
        unfinished = len(PASSES)
        for (stream, step), page in zip(steps, poll.pages, strict=True):
            if page.timed_out:
                self._narrow(stream, step, poll.as_of)
                unfinished = min(unfinished, step.stage)
                continue
            if step.stage > unfinished and page.records:
                # More of an earlier stage is to come; this page is asked for again after it.
                continue
            self._apply(page.records, asked_at)
            before = stream.progress(step)
            upper = stream.state.upper or poll.as_of
            after = after_page(page.records, finished=page.finished, before=before, upper=upper)
            stream.state = replace(
                stream.state, progress={**stream.state.progress, step.name: after}
            )
            if not after.finished:
                unfinished = min(unfinished, step.stage)
            if page.records and not stream.finished:
                self._streams.save(stream)

    def _narrow(self, stream: PulledStream, step: Pass, as_of: datetime) -> None:
        """Ask for half of what Salesforce gave up on, from now on.

        Raises:
            TransientError: half would be nothing.
        """
        lower = self._query(stream, step).lower
        upper = stream.state.upper or as_of
        narrower = narrowed(stream.progress(step), lower=lower, upper=upper)
        if narrower is None:
            raise TransientError(f"Salesforce gives up on a query for one second of {step.object}")
        progress = {**stream.state.progress, step.name: narrower}
        stream.state = replace(stream.state, progress=progress)
        self._streams.save(stream)

    def fetch(self, record_ids: Sequence[str]) -> None:
        """Read these records, wherever the streams stand, and apply them."""
        asked_at = self._clock()
        for sobject in (SObject.ACCOUNT, SObject.CONTACT, SObject.LEAD):
            ids = [each for each in record_ids if object_of(each) is sobject]
            if not ids:
                continue
            if not self._settings.inbound.objects[sobject].enabled:
                message = f"{sobject} is switched off in the settings"
                self._leave(ids, sobject, Reason.OBJECT_DISABLED, message)
                continue
            found = self._read(sobject, ids)
            message = "Salesforce has no such record, or hides it from our user"
            missing = [record_id for record_id in ids if record_id not in found]
            self._leave(missing, sobject, Reason.NOT_FOUND, message)
            self._apply([found[record_id] for record_id in ids if record_id in found], asked_at)

    def _leave(
        self, record_ids: Sequence[str], sobject: SObject, reason: Reason, message: str
    ) -> None:
        for record_id in record_ids:
            self._tally.skipped[reason] += 1
            self._tally.outcomes.append(
                Outcome(
                    action=Action.SKIPPED,
                    reason=reason,
                    at=self._clock(),
                    object=sobject,
                    record_id=record_id,
                    message=message,
                )
            )

    def _read(self, sobject: SObject, ids: Sequence[str]) -> Mapping[str, Record]:
        """Return records, without the fields that the org does not show us."""
        fields = self._settings.fields_of(sobject)
        try:
            return self._salesforce.read({sobject: ids}, fields)
        except MissingFieldError as exc:
            missing = self._missing(sobject, fields, exc)
            if not missing:
                raise
            return self._salesforce.read({sobject: ids}, _without(missing, fields, sobject))

    def _query(self, stream: PulledStream, step: Pass) -> PageQuery:
        inbound = self._settings.inbound
        entry = inbound.objects[stream.object]
        narrowed = step.rows is not Rows.GONE
        lower = stream.since or lower_bound(
            watermark=stream.state.watermark,
            overlap=timedelta(minutes=inbound.overlap_minutes),
            not_before=entry.enabled_at if narrowed else None,
        )
        progress = stream.progress(step)
        bounds = (lower, progress.since)
        return PageQuery(
            object=stream.object,
            rows=step.rows,
            fields=self._fields(stream),
            lower=max((bound for bound in bounds if bound), default=None),
            upper=progress.until or stream.state.upper,
            after=progress.after,
            selection=entry.selection if narrowed else None,
        )

    def _fields(self, stream: PulledStream) -> tuple[FieldMapping, ...]:
        fields = self._settings.fields_of(stream.object)
        return _without(stream.state.set_aside, fields, stream.object)

    def _set_aside(self, streams: Sequence[PulledStream], exc: MissingFieldError) -> None:
        """Go on without the fields that the org does not show us, and say so once."""
        found_any = False
        for stream in streams:
            missing = self._missing(stream.object, self._fields(stream), exc)
            if missing:
                found_any = True
                set_aside = (*stream.state.set_aside, *missing)
                stream.state = replace(stream.state, set_aside=set_aside, looked_at=self._clock())
        if not found_any:
            raise exc

    def _missing(
        self, sobject: SObject, fields: Sequence[FieldMapping], exc: MissingFieldError
    ) -> list[str]:
        """Return the API names that a query failed for, and tell of them."""
        facts = self._salesforce.describe(sobject)
        missing = [
            field
            for field in fields
            if field.writes_to(sobject) and field.paths[sobject] not in facts
        ]
        self._tally.outcomes += [
            Outcome(
                action=Action.WARNED,
                reason=Reason.FIELD_UNAVAILABLE,
                at=self._clock(),
                object=sobject,
                field=field.name,
                message=exc.message,
            )
            for field in missing
        ]
        return [field.paths[sobject] for field in missing]

    def _apply(self, records: Sequence[Record], asked_at: datetime) -> None:
        tally = apply_page(
            records,
            ports=self._pages,
            settings=self._settings,
            asked_at=asked_at,
            dry_run=self._dry_run,
        )
        for name, counts in tally.changes.items():
            self._tally.changes.setdefault(name, Counter()).update(counts)
        self._tally.skipped.update(tally.skipped)
        self._tally.outcomes += tally.outcomes


def _next_steps(streams: Sequence[PulledStream]) -> list[tuple[PulledStream, Pass]]:
    """Return the passes to ask for a page, in order.

    Those of later stages are asked on the chance that the earlier ones end with this page; where
    one of them is known to be long, they are not.
    """
    steps = [
        (stream, step)
        for step in PASSES
        for stream in streams
        if step in stream.passes and not stream.progress(step).finished
    ]
    first = min(step.stage for _, step in steps)
    now = [(stream, step) for stream, step in steps if step.stage == first]
    return now if any(stream.progress(step).after for stream, step in now) else steps


def _without(
    set_aside: Collection[str], fields: Sequence[FieldMapping], sobject: SObject
) -> tuple[FieldMapping, ...]:
    return tuple(field for field in fields if field.paths[sobject] not in set_aside)
