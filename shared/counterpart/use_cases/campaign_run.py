"""One run of campaigns: what its parts share, how far it may go, and what it has come to so far."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.ids import new_id
from counterpart.domain.outcomes import RunKind, RunStatus
from counterpart.use_cases.allowance import spent
from counterpart.use_cases.notes import Notes
from counterpart.use_cases.places import placed
from counterpart.use_cases.pulled_streams import PulledStreams
from counterpart.use_cases.reports import under_way

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from counterpart.domain.campaign_requests import CampaignsRequest
    from counterpart.domain.outcomes import Outcome
    from counterpart.use_cases.campaign_sync_ports import CampaignPorts
    from counterpart.use_cases.pulled_streams import PulledStream

# Below this nothing more is begun: a page, or a round of members.
_MARGIN = timedelta(seconds=120)


class CampaignRun:
    """One invocation: what is asked of it, what it works with, and what is to be reported.

    Args:
        request: What to sync.
        ports: The world.
        time_left: How long this invocation may still take.

    Attributes:
        remarks: Sentences for whoever reads the report.
    """

    def __init__(
        self, request: CampaignsRequest, ports: CampaignPorts, time_left: Callable[[], timedelta]
    ) -> None:
        self.request = request
        self.ports = ports
        self._time_left = time_left
        self.started_at = ports.clock()
        self.run_id = new_id(self.started_at)
        self.calls_before = ports.reader.usage().calls
        self.settings = placed(ports.settings.current(), ports.reader)
        self.notes = Notes(clock=ports.clock, store=self._keep, run_id=self.run_id)
        self.streams = PulledStreams(
            ports.streams,
            clock=ports.clock,
            run_id=self.run_id,
            scheduled=request.scheduled and not request.continues,
            dry_run=request.dry_run,
        )
        self.remarks = self.streams.notes
        self.status = RunStatus.COMPLETED
        self.error: str | None = None

    @property
    def goes_on(self) -> bool:
        """Return whether nothing has brought it to its end yet."""
        return self.status is RunStatus.COMPLETED

    def is_short(self) -> bool:
        """Return whether too little time is left to begin anything more."""
        return self._time_left() < _MARGIN

    def may_turn(self, turning: Sequence[PulledStream], turns: int) -> bool:
        """Return whether the next pages may be turned; if time is short, another run does."""
        # One turn there is in any case: to hand over for ever would be no progress.
        if turns and self.is_short():
            self.streams.give_back(turning)
            self.hand_over()
            return False
        return not self.is_overspent()

    def may_push(self) -> bool:
        """Return whether the next members may go out."""
        return not self.is_short() and not self.is_overspent()

    def is_overspent(self) -> bool:
        """Return whether our share of the API allowance is used up, and stop if it is."""
        why = spent(self.ports.reader.usage(), self.settings)
        if why and self.goes_on:
            self.status = RunStatus.BUDGET
            self.remarks.append(f"{why} Progress is kept.")
        return why is not None

    def hand_over(self) -> None:
        """Leave the rest to the next invocation, unless it has come to its end already."""
        if not self.goes_on:
            return
        self.status = RunStatus.CONTINUES
        if self.request.dry_run:
            self.remarks.append("Time ran out; the plan covers what was looked at so far.")
            return
        self.ports.successor.start(self.request.payload())
        self.remarks.append("Time ran short; the next invocation goes on with the rest at once.")

    def _keep(self, outcomes: Sequence[Outcome]) -> None:
        run = under_way(
            self.run_id,
            RunKind.CAMPAIGNS,
            started_at=self.started_at,
            now=self.ports.clock(),
            settings_version=self.settings.version,
        )
        self.ports.runs.record(run, outcomes)
