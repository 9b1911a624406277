"""Sweep: find what is gone from Salesforce without a word: linked records, opportunities, roles.

Everything is looked at before anything is written, so that the guard sees the whole: a right that
was taken from our user looks as if all records were gone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.budget import Budget
from counterpart.domain.ids import new_id
from counterpart.domain.opportunities import OPPORTUNITY, ROLE
from counterpart.domain.outcomes import RunKind, RunStatus
from counterpart.domain.sweep_requests import SweepPlace, SweepRequest, Swept
from counterpart.errors import HaltError, QuotaExhaustedError, TransientError
from counterpart.use_cases.allowance import percent_of, spent, state_of
from counterpart.use_cases.apply_page import PagePorts, Tally
from counterpart.use_cases.reports import Report, how_many
from counterpart.use_cases.stream_holds import told_of
from counterpart.use_cases.sweep_guard import SweptPart, too_much
from counterpart.use_cases.sweepers import Sweep
from counterpart.use_cases.swept_links import SweptLinks
from counterpart.use_cases.swept_opportunities import SweptOpportunities
from counterpart.use_cases.told_first import ToldFirst

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.guard import Hold
    from counterpart.domain.streams import Lease
    from counterpart.ports import (
        OpportunityRepository,
        PlainReader,
        RunRepository,
        SettingsRepository,
        StreamRepository,
        Successor,
    )
    from counterpart.use_cases.sweepers import Sweeper

# The lease has a name of its own, beside those of the objects.
STREAM = "links"
LEASE = timedelta(minutes=5)

# Below this, what was found is carried out and the next invocation goes on.
MARGIN = timedelta(minutes=2)


@dataclass(frozen=True, kw_only=True, slots=True)
class SweepPorts:
    """What sweeping needs of the world."""

    pages: PagePorts
    plain: PlainReader
    opportunities: OpportunityRepository
    streams: StreamRepository
    settings: SettingsRepository
    runs: RunRepository
    successor: Successor


def sweep_links(
    request: SweepRequest, *, ports: SweepPorts, time_left: Callable[[], timedelta]
) -> Report:
    """Look for everything that we know of Salesforce, and report what became of it.

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
        self._place = SweepPlace()
        self._rest: SweepPlace | None = None
        self._tally = Tally()
        self._told_first = ToldFirst(
            ports.runs,
            RunKind.SWEEP,
            run_id=self._run_id,
            started_at=self._started_at,
            settings_version=self._settings.version,
            clock=self._clock,
        )
        self._notes: list[str] = []
        self._status = RunStatus.COMPLETED
        self._error: str | None = None
        self._hold: Hold | None = None
        sweep = Sweep(
            settings=self._settings,
            tally=self._tally,
            started_at=self._started_at,
            keep=self._keep,
            tell=None if request.dry_run else self._told_first.tell,
        )
        links = SweptLinks(ports.pages, sweep)
        opportunities = SweptOpportunities(ports.plain, ports.opportunities, sweep)
        self._all: Sequence[Sweeper] = (links, opportunities)
        self._sweepers: Mapping[Swept, Sweeper] = {
            Swept.CONTACTS: links,
            Swept.COMPANIES: links,
            Swept.OPPORTUNITIES: opportunities,
        }

    def go(self) -> Report:
        if not self._request.dry_run:
            now = self._clock()
            self._lease = self._ports.streams.acquire(STREAM, now=now, lasts=LEASE)
            if self._lease is None:
                self._notes.append("Another sweep runs at this moment.")
                return self._report()
        try:
            if not self._is_overspent():
                self._look()
                self._apply()
                self._mark()
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
            rest = SweepRequest(
                start=self._rest.start, after=self._rest.after, began_at=self._began_at
            )
            self._ports.successor.start(rest.payload())
        report = self._report()
        self._record(report)
        return report

    @property
    def _began_at(self) -> datetime | None:
        """When the sweep began that this is a part of, if that leaves nothing out."""
        return self._started_at if self._place.is_first else self._request.began_at

    def _look(self) -> None:
        """Find what is gone, as far as time and the allowance reach."""
        before = self._ports.streams.get(STREAM)
        # What is held is judged as a whole, so nothing is left out then.
        self._place = self._request.place(None if before.hold else before.unswept)
        for kind in self._place.kinds():
            begin = self._place.after if kind is self._place.start else None
            for after in self._sweepers[kind].look(kind, begin):
                if after and self._stops():
                    self._rest = SweepPlace(start=kind, after=after)
                    return
                self._keep()

    def _is_overspent(self) -> bool:
        """Return whether our share of the API allowance is known to be used up, and stop if so."""
        why = spent(self._salesforce.usage(), self._settings)
        if why:
            self._status = RunStatus.BUDGET
            self._notes.append(f"{why} The next night looks again.")
        return why is not None

    def _stops(self) -> bool:
        usage = self._salesforce.usage()
        if state_of(usage, self._settings) is not Budget.FLOWING:
            self._status = RunStatus.BUDGET
            self._notes.append("The next night goes on with the rest, to spare API calls.")
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

    def _apply(self) -> None:
        """Carry out what was found, but what somebody has to say yes to first."""
        held = self._held_back()
        for sweeper in self._all:
            sweeper.apply(held)

    def _held_back(self) -> Collection[str]:
        """Return the objects of which so much is gone that somebody has to say yes first."""
        read = {name: counts["read"] for name, counts in self._tally.changes.items()}
        found = too_much(self._all, read=read, guard=self._settings.guard)
        if self._lease is None:
            self._notes += [f"{name} would be held: much of it is gone." for name in found]
            return ()
        part = SweptPart(
            began_at=self._began_at,
            last=self._rest is None,
            found=found,
            of=sum(read[name] for name in found),
            settings_version=self._settings.version,
        )
        before = self._ports.streams.get(STREAM)
        after = part.leaves(before, now=self._clock())
        if after != before:
            self._ports.streams.save(after, self._lease)
        if not found or part.is_agreed_to(before.hold):
            return ()
        self._hold = after.hold
        if self._status is RunStatus.COMPLETED:
            self._status = RunStatus.HELD
        return found

    def _mark(self) -> None:
        """Keep in mind where the next sweep goes on, now that what was found is carried out."""
        if self._lease is None:
            return
        before = self._ports.streams.get(STREAM)
        after = replace(before, unswept=self._place.leaves(before.unswept, self._rest))
        if after != before:
            self._ports.streams.save(after, self._lease)

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
            outcomes=[
                *self._told_first.outcomes,
                *self._tally.outcomes,
                *told_of([self._hold], self._settings.guard),
            ],
        )

    def _summary(self) -> str:
        """Return what was looked for and mended; deals only where there are some."""
        deals, links = Counter[str](), Counter[str]()
        for name, counts in self._tally.changes.items():
            (deals if name in {OPPORTUNITY, ROLE} else links).update(counts)
        verb = "Would mend" if self._request.dry_run else "Mended"
        mended = how_many(links.total() - links["read"] - links["skipped"], "link")
        summary = f"Looked for {how_many(links['read'], 'linked record')}. {verb} {mended}."
        if not deals["read"]:
            return summary
        gone = f"{deals['deleted']} {'is' if deals['deleted'] == 1 else 'are'} gone"
        return f"{summary} Of {deals['read']} opportunities and roles, {gone}."

    def _record(self, report: Report) -> None:
        if not self._request.dry_run:
            self._told_first.record(report)
