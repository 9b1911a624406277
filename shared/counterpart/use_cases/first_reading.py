"""Read one campaign by itself: wholly the first time, and what changed since on request.

A campaign joins the others' stream once it has been read to a moment that the stream's next window
still covers; until then it is read once more.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.members import against
from counterpart.domain.streams import StreamState
from counterpart.domain.waiting import Lane, Waiting
from counterpart.domain.windows import BEGINNING
from counterpart.use_cases.campaign_sync_ports import PASSES, Followed, own_stream, stream_of
from counterpart.use_cases.pulled_streams import LEASE, PulledStreams, Wanted
from counterpart.use_cases.stored_campaigns import store_changed_campaign
from counterpart.use_cases.turning import turn_pages

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from counterpart.domain.campaigns import Campaign
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.use_cases.campaign_sync_ports import CampaignPorts
    from counterpart.use_cases.member_pages import MemberPages
    from counterpart.use_cases.pulled_streams import PulledStream

_TRIES = 6
_MARKED_AT_ONCE = 1000


def was_followed(campaign_id: str, record_id: str, *, ports: CampaignPorts) -> bool:
    """Return whether a campaign has followed one in Salesforce before, for however long."""
    known = ports.streams.get(stream_of(campaign_id, record_id))
    return known.watermark is not None or known.upper is not None


def begin_anew(campaign_id: str, record_id: str, *, ports: CampaignPorts) -> bool:
    """Have a campaign read wholly that is about to follow one which it has followed before.

    Meanwhile members may have gone here that are members there still. What is known by its row is
    known all the same, so it is no stream that was never read.

    Returns:
        Whether that is so; not while another run is reading it, or writes its members.
    """
    if not was_followed(campaign_id, record_id, ports=ports):
        return True
    name, streams = stream_of(campaign_id, record_id), ports.streams
    lease = streams.acquire(name, now=ports.clock(), lasts=LEASE)
    if lease is None:
        return False
    streams.save(StreamState(stream=name, watermark=BEGINNING), lease)
    streams.release(lease)
    return True


class FirstReading:
    """Reads one campaign under its own lease.

    Args:
        home: The campaign.
        ports: The world.
        settings: How much the windows of streams overlap.
        pages: Its pages.
        run_id: The run that reads it.
        dry_run: Plan for real and write nothing.
        remarks: Why it was left alone is noted here.
    """

    def __init__(
        self,
        home: Followed,
        *,
        ports: CampaignPorts,
        settings: SyncSettings,
        pages: MemberPages,
        run_id: str,
        dry_run: bool,
        remarks: list[str],
    ) -> None:
        self._home = home
        self._ports = ports
        self._overlap = timedelta(minutes=settings.inbound.overlap_minutes)
        self._pages = pages
        self._run_id = run_id
        self._dry_run = dry_run
        self._remarks = remarks

    def read(self, may_go_on: Callable[[Sequence[PulledStream], int], bool]) -> Followed | None:
        """Read what there is to be read; return the campaign if members may go out to it now."""
        for _ in range(_TRIES):
            if not self._turn(may_go_on):
                return None
            if self._dry_run or self._home.counterpart.followed_from:
                return self._home
            read_until = self._ports.streams.get(own_stream(self._home)).watermark
            if read_until and self._ports.clock() - read_until < self._overlap / 2:
                return self._join(read_until)
        return None

    def _turn(self, may_go_on: Callable[[Sequence[PulledStream], int], bool]) -> bool:
        """Return whether the campaign was read to its end, and is still there."""
        streams = PulledStreams(
            self._ports.streams,
            clock=self._ports.clock,
            run_id=self._run_id,
            dry_run=self._dry_run,
        )
        wanted = Wanted(name=own_stream(self._home), passes=PASSES, interval=None)
        opened = streams.open([wanted])
        if opened:
            turn_pages(
                opened,
                source=self._pages,
                saved_by=streams,
                clock=self._ports.clock,
                may_go_on=may_go_on,
            )
            self._pages.tell_hidden(streams)
        self._remarks += streams.notes
        return bool(opened) and all(each.finished for each in opened) and bool(self._pages.followed)

    def _join(self, read_until: datetime) -> Followed | None:
        """Let everybody who is a member here alone go out, and the campaign join the others."""
        self._mark_all()

        def joined(now: Campaign) -> Campaign | None:
            held = now.counterpart
            if held is None or held.record_id != self._home.record_id:
                return None
            return replace(now, counterpart=replace(held, followed_from=read_until))

        campaign = store_changed_campaign(self._home.campaign, joined, ports=self._ports)
        if campaign is None or campaign.counterpart is None:
            return None
        return replace(self._home, campaign=campaign, counterpart=campaign.counterpart)

    def _mark_all(self) -> None:
        after = None
        while True:
            listing = self._ports.members.page(
                self._home.campaign.id, limit=_MARKED_AT_ONCE, after=after
            )
            mark = Waiting(lane=Lane.BULK, next_push_at=self._ports.clock())
            unmarked = [
                replace(each, waiting=mark)
                for each in listing.items
                if each.present
                and each.waiting is None
                and against(each, self._home.record_id).counterpart is None
            ]
            if unmarked:
                # Who was edited meanwhile bears a mark already.
                self._ports.members.save_many(unmarked)
            after = listing.next
            if after is None:
                return
