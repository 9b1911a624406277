"""Rounds of members that go out, campaign by campaign, and another look at people outside."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from counterpart.domain.budget import Budget
from counterpart.domain.campaign_edits import record_of
from counterpart.domain.members import MemberKey
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.records import CampaignObject
from counterpart.domain.waiting import Lane
from counterpart.use_cases.allowance import RUNS_LOW, state_of
from counterpart.use_cases.campaign_sync_ports import SHARED_STREAM, own_stream
from counterpart.use_cases.look_outside import look_outside
from counterpart.use_cases.make_statuses import StatusMaker, read_statuses
from counterpart.use_cases.outsiders import Outsiders
from counterpart.use_cases.push_members import MemberPusher
from counterpart.use_cases.unseen import Unseen
from counterpart.use_cases.waiting_line import PUT_OFF_AT_MOST
from counterpart.use_cases.writing_right import WritingRight

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.member_rows import TheirStatus
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.use_cases.campaign_sync_ports import CampaignPorts, Followed
    from counterpart.use_cases.notes import Notes
    from counterpart.use_cases.pull_members import MemberPuller
    from counterpart.use_cases.unlink_campaigns import CampaignUnlinker

# Read back in one call, written in ten; what is held of them in memory stays small.
ROUND = 10_000
_LANES = (Lane.FRESH, Lane.BULK, Lane.RETRY)


class MemberRounds:
    """Sends out what waits.

    Attributes:
        remarks: Sentences for whoever reads the report.

    Args:
        ports: The world.
        settings: Which fields cross; whether outbound is on is asked again before each round.
        puller: Takes what turns out to have changed there.
        unlinker: Ends the link of a campaign that turns out to be gone.
        notes: What became of members is noted here.
        dry_run: Plan for real and write nothing.
        until: Marks set later are for the next run, so that this one comes to an end.
        everything: Whether what was put off goes as well.
    """

    def __init__(
        self,
        ports: CampaignPorts,
        *,
        settings: SyncSettings,
        puller: MemberPuller,
        unlinker: CampaignUnlinker,
        notes: Notes,
        dry_run: bool,
        until: datetime,
        everything: bool,
    ) -> None:
        self._ports = ports
        self._settings = settings
        self._puller = puller
        self._unlinker = unlinker
        self._notes = notes
        self._statuses = StatusMaker(ports, settings, notes)
        self._dry_run = dry_run
        self._until = max(until, ports.clock()) + PUT_OFF_AT_MOST * everything
        self._outsiders = Outsiders(ports.members, ports.clock)
        self.remarks: list[str] = []

    def run(self, followed: Sequence[Followed], may_go_on: Callable[[], bool]) -> bool:
        """Send out what waits in these campaigns; say whether all of it was looked at."""
        set_aside = set(self._ports.streams.get(SHARED_STREAM).set_aside)
        waiting = []
        for home in followed:
            own = set_aside | set(self._ports.streams.get(own_stream(home)).set_aside)
            fields = [
                each
                for each in self._settings.fields_of_members()
                if each.paths[CampaignObject.MEMBER] not in own
            ]
            if not self._dry_run:
                look_outside(
                    home,
                    fields,
                    ports=self._ports,
                    puller=self._puller,
                    outsiders=self._outsiders,
                    until=self._until,
                    limit=ROUND,
                )
            ids = self._next(home, set(), Unseen())
            if ids:
                waiting.append((home, fields, ids))
        if not waiting or not may_go_on():
            return not waiting
        statuses = read_statuses(self._ports, [home.record_id for home, _, _ in waiting])
        # Each campaign has some, so one that has none is gone without a trace.
        bare = [home for home, _, _ in waiting if not statuses[home.record_id]]
        gone = self._unlinker.find_gone(bare, dry_run=self._dry_run) if bare else set()
        return all(
            self._push(home, fields, ids, statuses[home.record_id], may_go_on)
            for home, fields, ids in waiting
            if home.record_id not in gone
        )

    def _push(
        self,
        home: Followed,
        fields: Sequence[FieldMapping],
        ids: Sequence[str],
        statuses: Sequence[TheirStatus],
        may_go_on: Callable[[], bool],
    ) -> bool:
        """Return whether all that waits in a campaign was looked at."""
        right = WritingRight(self._ports, own_stream(home))
        if not self._dry_run and not right.take():
            self.remarks.append(f"Campaign {home.campaign.id} is being synced by another run.")
            return True
        pusher = MemberPusher(
            self._ports,
            self._settings,
            home,
            statuses=statuses if self._dry_run else self._statuses.completed(home, statuses),
            fields=fields,
            puller=self._puller,
            notes=self._notes,
            keep=right.keep,
            dry_run=self._dry_run,
        )
        pushed: set[str] = set()
        unseen = Unseen()
        try:
            while ids:
                if not may_go_on():
                    return False
                if not self._is_wanted(home):
                    # It was deleted, or somebody chose otherwise, since it was read.
                    return True
                if not self._ports.settings.current().outbound.enabled:
                    self._cancel(home, ids)
                else:
                    pusher.push(ids)
                pushed.update(ids)
                ids = self._next(home, pushed, unseen)
        finally:
            right.give_back()
        return True

    def _next(self, home: Followed, pushed: set[str], unseen: Unseen) -> list[str]:
        """Return who goes next: fresh edits before backlogs, and those before second tries.

        What is not fresh waits while the API allowance runs low.
        """
        slow = state_of(self._ports.reader.usage(), self._settings) is Budget.SLOW
        if slow and RUNS_LOW not in self.remarks:
            self.remarks.append(RUNS_LOW)
        chosen: dict[str, None] = {}
        for lane in _LANES[:1] if slow else _LANES:
            room = ROUND - len(chosen)
            if room <= 0:
                break
            # An index that lags behind may still list who has gone out in this run.
            head = partial(self._head, home, lane)
            chosen |= dict.fromkeys(unseen.of(head, pushed.__contains__, most=room))
        return list(chosen)

    def _head(self, home: Followed, lane: Lane, limit: int) -> Sequence[str]:
        """Return who has waited for longest in a lane."""
        return self._ports.members.waiting(home.campaign.id, lane, until=self._until, limit=limit)

    def _is_wanted(self, home: Followed) -> bool:
        """Return whether a campaign syncs with the same one still."""
        current = self._ports.campaigns.get_many([home.campaign.id]).get(home.campaign.id)
        return current is not None and record_of(current) == home.record_id

    def _cancel(self, home: Followed, contact_ids: Sequence[str]) -> None:
        """Take marks off: outbound is switched off, and what waits does not go later either."""
        keys = [MemberKey(home.campaign.id, each) for each in contact_ids]
        members = [each for each in self._ports.members.get_many(keys).values() if each.waiting]
        for each in members:
            self._notes.skip(Reason.OUTBOUND_DISABLED)
            self._notes.tell_of(
                CampaignObject.MEMBER,
                Action.SKIPPED,
                Reason.OUTBOUND_DISABLED,
                subject_id=each.contact_id,
            )
        if not self._dry_run:
            self._ports.members.save_many(
                [
                    # A removal that is called off was not refused: nothing tries it again.
                    replace(each, waiting=None, skip=each.skip if each.present else None)
                    for each in members
                ]
            )
