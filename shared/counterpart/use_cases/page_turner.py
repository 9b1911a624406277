"""Pages of records that become contacts and companies, and single records of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.bounces import with_bounces
from counterpart.domain.mapping import OPTED_OUT
from counterpart.domain.outcomes import Action, Outcome, Reason, unavailable
from counterpart.domain.page_plan import Change
from counterpart.domain.passes import Rows
from counterpart.domain.records import SObject, object_of
from counterpart.domain.streams import read_since, without_paths
from counterpart.domain.windows import lower_bound
from counterpart.errors import MissingFieldError
from counterpart.ports import PageQuery, Poll
from counterpart.use_cases.guarded_pages import GuardedPages, HeldBackError, UnfinishedPageError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.guard import Hold
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.page_plan import Manner
    from counterpart.domain.passes import Pass
    from counterpart.domain.records import Record
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.use_cases.apply_page import PagePorts, Tally
    from counterpart.use_cases.detect_fields import FieldDetector
    from counterpart.use_cases.guarded_pages import Judgement
    from counterpart.use_cases.page_applier import Tell
    from counterpart.use_cases.pulled_streams import PulledStream
    from counterpart.use_cases.turning import Step


class PageTurner:
    """Reads pages and single records, and applies them.

    Args:
        pages: The world.
        settings: What is read, and by which modes it crosses.
        manner: How records are taken.
        tally: What became of it is counted here.
        detector: Takes up fields that the mapping does not know.
        has_time: Whether there is time to read ahead, for the guard, and to go on with a page.
        tell: Told what somebody loses by a page, before it is applied; without it, plan for real
            and write nothing.

    Attributes:
        would_hold: What a dry run would be held back for, by stream.
        winners: Records into which others were merged, where that moved something here.
    """

    def __init__(
        self,
        pages: PagePorts,
        settings: SyncSettings,
        *,
        manner: Manner,
        tally: Tally,
        detector: FieldDetector,
        has_time: Callable[[], bool],
        tell: Tell | None,
    ) -> None:
        self._detector = detector
        self._salesforce = pages.salesforce
        self._clock = pages.clock
        self._settings = settings
        self._tally = tally
        self._dry_run = tell is None
        self._guarded = GuardedPages(pages, settings, manner=manner, has_time=has_time, tell=tell)
        self._ends: dict[Pass, bool] = {}
        self.would_hold: dict[str, Judgement] = {}
        self.winners: set[str] = set()

    def poll(self, steps: Sequence[Step]) -> Poll[Record]:
        """Return the next page of each pass.

        Raises:
            MissingFieldError: a field that is read does not exist for our user.
        """
        streams = list({stream.name: stream for stream, _ in steps}.values())
        poll = self._salesforce.poll(
            [self._query(stream, step) for stream, step in steps],
            describe=self._detector.due(streams, now=self._clock()),
        )
        if poll.facts:
            self._tally.outcomes += self._detector.take(poll.facts, streams, now=self._clock())
        self._ends = {
            step: page.finished for (_, step), page in zip(steps, poll.pages, strict=True)
        }
        return poll

    def beginning(self, step: Step) -> datetime | None:
        """Return where the whole window of a pass begins."""
        stream, reading = step
        inbound = self._settings.inbound
        # What is gone moves links, whenever that was; so only live rows stay outside.
        narrowed = reading.rows is Rows.LIVE
        return stream.since or lower_bound(
            watermark=read_since(stream.state),
            overlap=timedelta(minutes=inbound.overlap_minutes),
            not_before=inbound.objects[SObject(stream.name)].enabled_at if narrowed else None,
        )

    def apply(self, step: Step, records: Sequence[Record], asked_at: datetime) -> None:
        """Apply one page.

        Raises:
            HeldBackError: what it and the rest of the window do is too much to be done unasked.
            UnfinishedPageError: there was no time for all of it.
        """
        stream, reading = step
        progress = stream.progress(reading)
        if progress.cleared_by is not None:
            self._count(self._guarded.apply_cleared(records, asked_at), records)
            return
        # Salesforce may have given up on the whole window; then this is a part of it.
        last = self._ends[reading] and progress.until is None
        window = replace(self._query(stream, reading), upper=stream.state.upper)
        try:
            tally, cleared = self._guarded.apply(records, asked_at, window=window, last=last)
        except HeldBackError as exc:
            if not self._dry_run:
                raise
            self.would_hold[stream.name] = exc.judgement
            tally, cleared = self._guarded.apply_cleared(records, asked_at), True
        if cleared:
            progress = replace(progress, cleared_by=self._settings.version)
            after = {**stream.state.progress, reading.name: progress}
            stream.state = replace(stream.state, progress=after)
        self._count(tally, records)

    def set_aside(self, streams: Sequence[PulledStream], exc: MissingFieldError) -> None:
        """Go on without the fields that the org does not show us, and say so once.

        Raises:
            MissingFieldError: no field that crosses is missing.
        """
        found_any = False
        for stream in streams:
            try:
                missing = self._missing(SObject(stream.name), self._fields(stream))
            except MissingFieldError:
                # The whole object is hidden, which is no reason to look at no other.
                continue
            if missing:
                found_any = True
                stream.state = without_paths(stream.state, missing, now=self._clock())
        if not found_any:
            raise exc

    def refusals(self, streams: Sequence[PulledStream], *, of: Sequence[Hold]) -> list[PageQuery]:
        """Return what finds those who refuse to be mailed among what some holds keep outside.

        Whatever came after their windows counts as well.
        """
        held = [stream for stream in streams if stream.state.hold in of]
        return [
            replace(
                self._query(stream, step),
                fields=[box],
                upper=None,
                ticked=box.paths[SObject(stream.name)],
            )
            for stream in held
            for box in self._fields(stream)
            if box.name == OPTED_OUT
            for step in stream.passes
        ]

    def fetch(self, record_ids: Sequence[str]) -> None:
        """Read these records, wherever the streams stand, and apply them.

        Raises:
            UnfinishedPageError: there was no time for all that they do.
        """
        asked_at = self._clock()
        for sobject in (SObject.ACCOUNT, SObject.CONTACT, SObject.LEAD):
            ids = [each for each in record_ids if object_of(each) is sobject]
            if not ids:
                continue
            if not self._settings.inbound.objects[sobject].enabled:
                message = f"{sobject} is switched off in the settings"
                self._leave(ids, sobject, Reason.OBJECT_DISABLED, message)
                continue
            try:
                found = self._read(sobject, ids)
            except MissingFieldError as exc:
                self._tally.outcomes.append(unavailable(sobject, exc.message, at=self._clock()))
                continue
            message = "Salesforce has no such record, or hides it from our user"
            missing = [record_id for record_id in ids if record_id not in found]
            self._leave(missing, sobject, Reason.NOT_FOUND, message)
            # Each was named by somebody, who meant it.
            there = [found[record_id] for record_id in ids if record_id in found]
            self._count(self._guarded.apply_cleared(there, asked_at), there)

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
        fields = with_bounces(self._settings.fields_of(sobject), sobject)
        try:
            return self._salesforce.read({sobject: ids}, fields)
        except MissingFieldError:
            missing = self._missing(sobject, fields)
            if not missing:
                raise
            return self._salesforce.read({sobject: ids}, _without(missing, fields, sobject))

    def _query(self, stream: PulledStream, step: Pass) -> PageQuery:
        sobject = SObject(stream.name)
        window = stream.window(step, self.beginning((stream, step)))
        entry = self._settings.inbound.objects[sobject]
        narrowed = step.rows is not Rows.GONE
        return PageQuery(
            object=sobject,
            rows=step.rows,
            fields=self._fields(stream),
            lower=window.lower,
            upper=window.upper,
            after=window.after,
            selection=entry.selection if narrowed else None,
            live_from=entry.enabled_at if step.rows is Rows.ALL and not stream.since else None,
        )

    def _fields(self, stream: PulledStream) -> tuple[FieldMapping, ...]:
        sobject = SObject(stream.name)
        fields = with_bounces(self._settings.fields_of(sobject), sobject)
        return _without(stream.state.set_aside, fields, sobject)

    def _missing(self, sobject: SObject, fields: Sequence[FieldMapping]) -> list[str]:
        """Return the API names that a query failed for, and tell of them.

        In our words: Salesforce names the first of them, of whichever object it is.
        """
        hidden = self._salesforce.hidden(sobject, [field.paths[sobject] for field in fields])
        missing = [field for field in fields if field.paths[sobject] in hidden]
        self._tally.outcomes += [
            Outcome(
                action=Action.WARNED,
                reason=Reason.FIELD_UNAVAILABLE,
                at=self._clock(),
                object=sobject,
                field=field.name,
                message=f"our user sees no field {field.paths[sobject]} on {sobject}",
            )
            for field in missing
        ]
        return [field.paths[sobject] for field in missing]

    def _count(self, tally: Tally, records: Sequence[Record]) -> None:
        moved = any(
            counts[Change.RELINKED] or counts[Change.UNLINKED] for counts in tally.changes.values()
        )
        if moved:
            self.winners.update(record.master_id for record in records if record.master_id)
        self._tally.add(tally)
        if tally.unfinished:
            raise UnfinishedPageError


def _without(
    set_aside: Collection[str], fields: Sequence[FieldMapping], sobject: SObject
) -> tuple[FieldMapping, ...]:
    return tuple(field for field in fields if field.paths[sobject] not in set_aside)
