"""Sync campaigns: link them, bring their members in, send ours out.

What changed in Salesforce comes in first, for all campaigns in one stream; a campaign that was
linked just now is read by itself from the beginning of time. Then what waits goes out, campaign
by campaign, each under a lease of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.outcomes import RunStatus
from counterpart.errors import (
    HaltError,
    MissingFieldError,
    NotFoundError,
    QuotaExhaustedError,
    TransientError,
)
from counterpart.use_cases.campaign_report import record, report_of
from counterpart.use_cases.campaign_run import CampaignRun
from counterpart.use_cases.campaign_sync_ports import PASSES, SHARED_STREAM, Followed
from counterpart.use_cases.campaign_upkeep import move_on, settle
from counterpart.use_cases.first_reading import FirstReading
from counterpart.use_cases.link_campaigns import CampaignLinker
from counterpart.use_cases.member_pages import MARKETING_USER, MemberPages
from counterpart.use_cases.member_rounds import MemberRounds
from counterpart.use_cases.pull_members import MemberPuller
from counterpart.use_cases.pulled_streams import Wanted
from counterpart.use_cases.purged_campaigns import without_purged
from counterpart.use_cases.reports import Report, how_many
from counterpart.use_cases.turning import turn_pages
from counterpart.use_cases.unlink_campaigns import CampaignUnlinker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import timedelta

    from counterpart.domain.campaign_requests import CampaignsRequest
    from counterpart.domain.campaigns import Campaign
    from counterpart.use_cases.campaign_sync_ports import CampaignPorts
    from counterpart.use_cases.pulled_streams import PulledStream


def sync_campaigns(
    request: CampaignsRequest, *, ports: CampaignPorts, time_left: Callable[[], timedelta]
) -> Report:
    """Bring campaigns and their members in step, and report what became of them.

    Args:
        request: What to sync.
        ports: The world.
        time_left: How long this invocation may still take.

    Raises:
        HaltError: a person is needed; what was done so far is kept.
        NotFoundError: the campaign that was named does not exist.
    """
    run = CampaignRun(request, ports, time_left)
    try:
        _Sync(run).go()
    except QuotaExhaustedError as exc:
        run.status = RunStatus.BUDGET
        run.error = str(exc)
    except (TransientError, HaltError) as exc:
        run.status = RunStatus.FAILED
        run.error = str(exc)
        if isinstance(exc, MissingFieldError):
            run.error = f"{str(exc).rstrip('.')}. {MARKETING_USER}"
        if isinstance(exc, HaltError):
            record(report_of(run), run)
            raise
    report = report_of(run)
    record(report, run)
    return report


class _Sync:
    """The parts of a run, in their order."""

    def __init__(self, run: CampaignRun) -> None:
        self._run = run
        self._ports = run.ports
        self._request = run.request
        self._linker = CampaignLinker(
            run.ports, run.settings, run.notes, is_overspent=run.is_overspent
        )
        self._unlinker = CampaignUnlinker(run.ports, run.notes)
        self._puller = MemberPuller(run.ports, run.settings, run.notes, dry_run=run.request.dry_run)

    def go(self) -> None:
        settle(self._run)
        if self._request.campaign_id:
            campaign = self._named(self._request.campaign_id)
            if campaign:
                self._sync_apart([campaign], alone=True)
            return
        opened = self._run.streams.open(
            [
                Wanted(
                    name=SHARED_STREAM,
                    passes=PASSES,
                    interval=self._run.settings.campaigns.interval,
                )
            ]
        )
        if not opened:
            return
        move_on(self._run)
        ids = self._ports.campaigns.syncing()
        campaigns = sorted(self._ports.campaigns.get_many(ids).values(), key=lambda each: each.id)
        followed = self._followed([each for each in campaigns if _has_joined(each)])
        if followed and self._is_first_of_a_day(opened[0]) and not self._run.is_overspent():
            followed = self._without_purged(followed)
        if followed:
            pages = self._pages(followed)
            turn_pages(
                opened,
                source=pages,
                saved_by=self._run.streams,
                clock=self._ports.clock,
                may_go_on=self._run.may_turn,
            )
            pages.tell_hidden(self._run.streams)
            followed = list(pages.followed.values())
        else:
            for stream in opened:
                self._run.streams.finish(stream)
            self._run.streams.give_back(opened)
        if self._run.goes_on:
            self._push(followed)
            self._sync_apart([each for each in campaigns if not _has_joined(each)])

    def _named(self, campaign_id: str) -> Campaign | None:
        campaign = self._ports.campaigns.get_many([campaign_id]).get(campaign_id)
        if campaign is None:
            raise NotFoundError(f"no campaign has the id {campaign_id}", field="campaign_id")
        if campaign.syncs:
            return campaign
        why = campaign.sync.refusal or "nobody has chosen a campaign in Salesforce for it"
        self._run.remarks.append(f"The campaign does not sync: {why}.")
        return None

    def _followed(self, campaigns: Sequence[Campaign]) -> list[Followed]:
        """Return those that are linked, and own what they are linked to."""
        linked = [(each, each.counterpart) for each in campaigns if each.counterpart]
        owners = self._ports.campaigns.owners([held.record_id for _, held in linked])
        kinds = self._ports.types.get_many({each.type_id for each, _ in linked})
        return [
            Followed(campaign=each, counterpart=held, kind=kinds[each.type_id])
            for each, held in linked
            if owners.get(held.record_id) == each.id and each.type_id in kinds
        ]

    def _is_first_of_a_day(self, shared: PulledStream) -> bool:
        """Return whether none but runs of former days, in UTC, has come to its end."""
        watermark = shared.state.watermark
        return watermark is not None and watermark.date() < self._run.started_at.date()

    def _without_purged(self, followed: Sequence[Followed]) -> list[Followed]:
        return without_purged(
            followed,
            unlinker=self._unlinker,
            notes=self._run.notes,
            dry_run=self._request.dry_run,
        )

    def _sync_apart(self, campaigns: Sequence[Campaign], *, alone: bool = False) -> None:
        """Link campaigns that are not yet, read each by itself, and send out what waits."""
        if not campaigns or self._run.is_overspent():
            return
        unlinked = [each for each in campaigns if each.counterpart is None]
        if unlinked and self._request.dry_run:
            self._run.remarks.append(f"Would link {how_many(len(unlinked), 'campaign')}.")
        elif unlinked:
            self._linker.link(
                unlinked, self._ports.types.get_many({each.type_id for each in unlinked})
            )
            current = self._ports.campaigns.get_many([each.id for each in campaigns])
            campaigns = [current[each.id] for each in campaigns if each.id in current]
        followed = self._followed(campaigns)
        if followed and alone:
            followed = self._without_purged(followed)
        for home in followed:
            if not self._run.goes_on:
                return
            reading = FirstReading(
                home,
                ports=self._ports,
                settings=self._run.settings,
                pages=self._pages([home]),
                run_id=self._run.run_id,
                dry_run=self._request.dry_run,
                remarks=self._run.remarks,
            )
            read = reading.read(self._run.may_turn)
            if read and self._run.goes_on:
                self._push([read], everything=alone)

    def _push(self, followed: Sequence[Followed], *, everything: bool = False) -> None:
        rounds = MemberRounds(
            self._ports,
            settings=self._run.settings,
            puller=self._puller,
            unlinker=self._unlinker,
            notes=self._run.notes,
            dry_run=self._request.dry_run,
            until=self._run.started_at,
            everything=everything,
        )
        if not rounds.run(followed, self._run.may_push):
            self._run.hand_over()
        self._run.remarks += rounds.remarks

    def _pages(self, followed: Sequence[Followed]) -> MemberPages:
        return MemberPages(
            self._ports,
            self._run.settings,
            followed,
            puller=self._puller,
            unlinker=self._unlinker,
            notes=self._run.notes,
            dry_run=self._request.dry_run,
        )


def _has_joined(campaign: Campaign) -> bool:
    return campaign.counterpart is not None and campaign.counterpart.followed_from is not None
