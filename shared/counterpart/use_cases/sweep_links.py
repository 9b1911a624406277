"""Sweep: find the links whose records are gone without a word, and end or move them.

Contacts find the companies of their Accounts on the way, where a pull came too early for that.

Everything is looked at before anything is written, so that the guard sees the whole: a right that
was taken from our user looks as if all records were gone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.budget import Budget
from counterpart.domain.guard import Dangers, is_too_much
from counterpart.domain.ids import new_id
from counterpart.domain.outcomes import RunKind, RunStatus
from counterpart.domain.records import SObject
from counterpart.domain.sweep_requests import Swept
from counterpart.domain.sweeping import gone_records
from counterpart.errors import HaltError, QuotaExhaustedError, TransientError
from counterpart.use_cases.allowance import percent_of, state_of
from counterpart.use_cases.apply_page import PagePorts, Tally, apply_page
from counterpart.use_cases.company_moves import moved_contacts
from counterpart.use_cases.guarded_pages import Judgement, told_of
from counterpart.use_cases.pulled_streams import held_by
from counterpart.use_cases.reports import Report, how_many

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from counterpart.domain.contacts import Company, Contact, Counterpart
    from counterpart.domain.guard import Hold
    from counterpart.domain.records import Record
    from counterpart.domain.streams import Lease
    from counterpart.domain.sweep_requests import SweepRequest
    from counterpart.ports import (
        Listing,
        RunRepository,
        SettingsRepository,
        StreamRepository,
        Successor,
    )

# The lease has a name of its own, beside those of the objects.
STREAM = "links"
LEASE = timedelta(minutes=5)

# Below this, what was found is carried out and the next invocation goes on.
MARGIN = timedelta(minutes=2)

# Five queries of one composite call name about so many ids.
_IDS_OF_A_CALL = 3500
_PAGE = 500

# What somebody said yes to may have grown by a tenth when it is done.
_AS_MUCH = 1.1


@dataclass(frozen=True, kw_only=True, slots=True)
class SweepPorts:
    """What sweeping needs of the world."""

    pages: PagePorts
    streams: StreamRepository
    settings: SettingsRepository
    runs: RunRepository
    successor: Successor


def sweep_links(
    request: SweepRequest, *, ports: SweepPorts, time_left: Callable[[], timedelta]
) -> Report:
    """Look for every record that we are linked to, and report what became of it.

    Args:
        request: Where to begin.
        ports: The world.
        time_left: How long this invocation may still take.

    Raises:
        HaltError: a person is needed; what was applied so far is kept.
    """
    return _Sweep(request, ports, time_left).go()


class _Sweep:
    """One invocation."""

    def __init__(
        self, request: SweepRequest, ports: SweepPorts, time_left: Callable[[], timedelta]
    ) -> None:
        self._request = request
        self._ports = ports
        self._time_left = time_left
        self._clock = ports.pages.clock
        self._salesforce = ports.pages.salesforce
        self._started_at = self._clock()
        self._run_id = new_id(self._started_at)
        self._settings = ports.settings.current()
        self._calls_before = self._salesforce.usage().calls
        self._lease: Lease | None = None
        self._gone: list[Record] = []
        # Contacts whose company is another one by now.
        self._moved: list[Contact] = []
        self._rest: SweepRequest | None = None
        self._tally = Tally()
        self._notes: list[str] = []
        self._status = RunStatus.COMPLETED
        self._error: str | None = None
        self._hold: Hold | None = None

    def go(self) -> Report:
        if not self._request.dry_run:
            now = self._clock()
            self._lease = self._ports.streams.acquire(STREAM, now=now, lasts=LEASE)
            if self._lease is None:
                self._notes.append("Another sweep runs at this moment.")
                return self._report()
        try:
            self._look()
            self._apply()
        except QuotaExhaustedError as exc:
            self._status, self._error = RunStatus.BUDGET, str(exc)
        except (TransientError, HaltError) as exc:
            self._status, self._error = RunStatus.FAILED, str(exc)
            if isinstance(exc, HaltError):
                self._record(self._report())
                raise
        finally:
            if self._lease:
                self._ports.streams.release(self._lease)
        if self._rest and self._status is RunStatus.CONTINUES and not self._request.dry_run:
            self._ports.successor.start(self._rest.payload())
        report = self._report()
        self._record(report)
        return report

    def _look(self) -> None:
        """Find what is gone, as far as time and the allowance reach."""
        kinds = list(Swept)
        for kind in kinds[kinds.index(self._request.start) :]:
            begin = self._request.after if kind is self._request.start else None
            for subjects, after in self._batches(kind, begin):
                found = self._ask([each.counterpart for each in subjects if each.counterpart])
                self._moved += moved_contacts(
                    subjects, found, links=self._ports.pages.links, settings=self._settings
                )
                if after and self._stops():
                    self._rest = replace(self._request, start=kind, after=after)
                    return
                self._keep()

    def _batches(
        self, kind: Swept, after: str | None
    ) -> Iterator[tuple[list[Contact | Company], str | None]]:
        """Yield who is linked to a record, and where the next ones begin."""
        linked: list[Contact | Company] = []
        while True:
            page = self._page(kind, after)
            linked += [each for each in page.items if each.counterpart]
            after = page.next
            if after is None or len(linked) >= _IDS_OF_A_CALL:
                yield linked, after
                linked = []
            if after is None:
                return

    def _page(self, kind: Swept, after: str | None) -> Listing[Contact] | Listing[Company]:
        if kind is Swept.CONTACTS:
            return self._ports.pages.contacts.page(limit=_PAGE, after=after)
        return self._ports.pages.companies.page(limit=_PAGE, after=after)

    def _ask(self, counterparts: Sequence[Counterpart]) -> Mapping[str, Record]:
        wanted: dict[SObject, set[str]] = {}
        for counterpart in counterparts:
            wanted.setdefault(counterpart.object, set()).add(counterpart.record_id)
        found = self._salesforce.read(wanted, ()) if wanted else {}
        for sobject, record_ids in wanted.items():
            self._tally.changes.setdefault(sobject, Counter())["read"] += len(record_ids)
        self._gone += gone_records(counterparts, found, now=self._clock())
        return found

    def _stops(self) -> bool:
        usage = self._salesforce.usage()
        if state_of(usage, self._settings) is not Budget.FLOWING:
            self._status = RunStatus.BUDGET
            self._notes.append("The rest is left for the next night, to spare API calls.")
            return True
        if self._time_left() < MARGIN:
            self._status = RunStatus.CONTINUES
            self._notes.append("Time ran short; the next invocation goes on with the rest at once.")
            return True
        return False

    def _keep(self) -> None:
        """Hold the lease for longer.

        Raises:
            LeaseLostError: another sweep has begun.
        """
        if self._lease and self._lease.until - self._clock() < LEASE / 2:
            self._lease = replace(self._lease, until=self._clock() + LEASE)
            self._ports.streams.save(self._ports.streams.get(STREAM), self._lease)

    def _move(self) -> None:
        """Put contacts into their companies; who was changed meanwhile waits for another night."""
        counts = self._tally.changes.setdefault(SObject.CONTACT, Counter())
        for start in range(0, len(self._moved), _PAGE):
            self._keep()
            contacts = self._moved[start : start + _PAGE]
            late = () if self._request.dry_run else self._ports.pages.contacts.save_many(contacts)
            counts["updated"] += len(contacts) - len(late)

    def _apply(self) -> None:
        """End or move the links of what is gone, as a pull does that reads of it."""
        self._move()
        held = self._held_back()
        for sobject in SObject:
            gone = [record for record in self._gone if record.object is sobject]
            if sobject in held:
                continue
            for start in range(0, len(gone), _PAGE):
                self._keep()
                tally = apply_page(
                    gone[start : start + _PAGE],
                    ports=self._ports.pages,
                    settings=self._settings,
                    # They were asked for after their contacts were read.
                    asked_at=self._started_at,
                    dry_run=self._request.dry_run,
                )
                counts = self._tally.changes.setdefault(sobject, Counter())
                counts.update(tally.changes[sobject] - Counter({"read": len(gone)}))
                self._tally.skipped.update(tally.skipped)
                self._tally.outcomes += tally.outcomes

    def _held_back(self) -> Collection[SObject]:
        """Return the objects of which so much is gone that somebody has to say yes first."""
        guard = self._settings.guard
        too_much: dict[SObject, Dangers] = {}
        for sobject in SObject:
            gone = [record for record in self._gone if record.object is sobject]
            if len(gone) < guard.minimum:
                continue
            found = self._dangers(gone)
            if is_too_much(found, of=self._tally.changes[sobject]["read"], guard=guard):
                too_much[sobject] = found
        if self._lease is None:
            self._notes += [f"{name} would be held: much of it is gone." for name in too_much]
            return ()
        state = self._ports.streams.get(STREAM)
        if self._may_go(too_much, state.hold):
            if state.hold:
                self._ports.streams.save(replace(state, hold=None), self._lease)
            return ()
        judgement = Judgement(
            dangers=sum(too_much.values(), Dangers()),
            of=sum(self._tally.changes[sobject]["read"] for sobject in too_much),
            complete=self._rest is None,
        )
        state = held_by(judgement, state, step="", now=self._clock())
        self._ports.streams.save(state, self._lease)
        self._hold = state.hold
        if self._status is RunStatus.COMPLETED:
            self._status = RunStatus.HELD
        return too_much

    def _may_go(self, too_much: Mapping[SObject, Dangers], hold: Hold | None) -> bool:
        """Return whether nothing is too much, or it is what somebody said yes to."""
        total = sum(found.total for found in too_much.values())
        return not too_much or (
            hold is not None and hold.approved and total <= hold.dangers.total * _AS_MUCH
        )

    def _dangers(self, gone: Sequence[Record]) -> Dangers:
        found: list[Dangers] = [Dangers()]

        def note(dangers: Dangers) -> bool:
            found.append(dangers)
            return False

        for start in range(0, len(gone), _PAGE):
            self._keep()
            apply_page(
                gone[start : start + _PAGE],
                ports=self._ports.pages,
                settings=self._settings,
                asked_at=self._started_at,
                dry_run=True,
                vet=note,
            )
        return sum(found[1:], found[0])

    # --- the report -----------------------------------------------------------------------------

    def _report(self) -> Report:
        usage = self._salesforce.usage()
        return Report(
            run_id=self._run_id,
            kind=RunKind.SWEEP,
            status=self._status,
            started_at=self._started_at,
            finished_at=self._clock(),
            summary=self._summary(),
            counts=self._tally.changes,
            skipped=self._tally.skipped,
            api_calls=usage.calls - self._calls_before,
            budget_used_percent=percent_of(usage, self._settings),
            more_remains=self._status is not RunStatus.COMPLETED,
            dry_run=self._request.dry_run,
            notes=self._notes,
            settings_version=self._settings.version,
            error=self._error,
            held=[self._hold.id] if self._hold else [],
            outcomes=[*self._tally.outcomes, *told_of([self._hold], self._settings.guard)],
        )

    def _summary(self) -> str:
        looked_at = sum(counts["read"] for counts in self._tally.changes.values())
        verb = "Would mend" if self._request.dry_run else "Mended"
        mended = how_many(self._tally.changed, "link")
        return f"Looked for {how_many(looked_at, 'linked record')}. {verb} {mended}."

    def _record(self, report: Report) -> None:
        if not self._request.dry_run:
            self._ports.runs.record(report.run(), report.outcomes)
