"""Sync campaigns: link them, bring their members in, send ours out.

What changed in Salesforce comes in first, for all campaigns in one stream; a campaign that was
linked just now is read by itself from the beginning of time. Then what waits goes out, campaign
by campaign, each under a lease of its own.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.budget import Budget
from counterpart.domain.ids import new_id
from counterpart.domain.outcomes import Action, RunKind, RunStatus
from counterpart.domain.records import CampaignObject
from counterpart.errors import (
    HaltError,
    MissingFieldError,
    NotFoundError,
    QuotaExhaustedError,
    TransientError,
)
from counterpart.use_cases.allowance import percent_of, state_of, stopped
from counterpart.use_cases.campaign_stores import CampaignStores
from counterpart.use_cases.campaign_sync_ports import PASSES, SHARED_STREAM, Followed
from counterpart.use_cases.delete_campaigns import dismiss_all
from counterpart.use_cases.first_reading import FirstReading
from counterpart.use_cases.link_campaigns import CampaignLinker
from counterpart.use_cases.member_pages import MARKETING_USER, MemberPages
from counterpart.use_cases.member_rounds import MemberRounds
from counterpart.use_cases.move_members_on import move_all_members_on
from counterpart.use_cases.notes import Notes
from counterpart.use_cases.places import placed
from counterpart.use_cases.pull_members import MemberPuller
from counterpart.use_cases.pulled_streams import PulledStreams, Wanted
from counterpart.use_cases.purged_campaigns import without_purged
from counterpart.use_cases.reports import Report, how_many, under_way
from counterpart.use_cases.settle_memberships import settle_memberships
from counterpart.use_cases.turning import turn_pages
from counterpart.use_cases.unlink_campaigns import CampaignUnlinker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from counterpart.domain.campaign_requests import CampaignsRequest
    from counterpart.domain.campaigns import Campaign
    from counterpart.domain.outcomes import Outcome
    from counterpart.use_cases.campaign_sync_ports import CampaignPorts
    from counterpart.use_cases.pulled_streams import PulledStream

# Below this nothing more is begun: a page, or a round of members.
MARGIN = timedelta(seconds=120)


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
    return _Run(request, ports, time_left).go()


class _Run:
    """One invocation."""

    def __init__(
        self, request: CampaignsRequest, ports: CampaignPorts, time_left: Callable[[], timedelta]
    ) -> None:
        self._request = request
        self._ports = ports
        self._time_left = time_left
        self._started_at = ports.clock()
        self._run_id = new_id(self._started_at)
        self._calls_before = ports.reader.usage().calls
        self._settings = placed(ports.settings.current(), ports.reader)
        self._notes = Notes(clock=ports.clock, store=self._keep, run_id=self._run_id)
        self._linker = CampaignLinker(ports, self._settings, self._notes)
        self._unlinker = CampaignUnlinker(ports, self._notes)
        self._puller = MemberPuller(ports, self._settings, self._notes, dry_run=request.dry_run)
        self._streams = PulledStreams(
            ports.streams,
            clock=ports.clock,
            run_id=self._run_id,
            scheduled=request.scheduled and not request.continues,
            dry_run=request.dry_run,
        )
        self._remarks = self._streams.notes
        self._status = RunStatus.COMPLETED
        self._error: str | None = None

    def go(self) -> Report:
        try:
            self._sync()
        except QuotaExhaustedError as exc:
            self._status = RunStatus.BUDGET
            self._error = str(exc)
        except (TransientError, HaltError) as exc:
            self._status = RunStatus.FAILED
            self._error = str(exc)
            if isinstance(exc, MissingFieldError):
                self._error = f"{str(exc).rstrip('.')}. {MARKETING_USER}"
            if isinstance(exc, HaltError):
                self._record(self._report())
                raise
        report = self._report()
        self._record(report)
        return report

    def _sync(self) -> None:
        self._settle()
        if self._request.campaign_id:
            campaign = self._named(self._request.campaign_id)
            if campaign:
                self._sync_apart([campaign], alone=True)
            return
        opened = self._streams.open(
            [Wanted(name=SHARED_STREAM, passes=PASSES, interval=self._settings.campaigns.interval)]
        )
        if not opened:
            return
        self._move_on()
        ids = self._ports.campaigns.syncing()
        campaigns = sorted(self._ports.campaigns.get_many(ids).values(), key=lambda each: each.id)
        followed = self._followed([each for each in campaigns if _has_joined(each)])
        if followed and self._is_first_of_a_day(opened[0]) and not self._overspent():
            followed = self._without_purged(followed)
        if followed:
            pages = self._pages(followed)
            turn_pages(
                opened,
                source=pages,
                saved_by=self._streams,
                clock=self._ports.clock,
                may_go_on=self._may_turn,
            )
            pages.tell_hidden(self._streams)
            followed = list(pages.followed.values())
        else:
            for stream in opened:
                self._streams.finish(stream)
            self._streams.give_back(opened)
        if self._goes_on:
            self._push(followed)
            self._sync_apart([each for each in campaigns if not _has_joined(each)])

    @property
    def _stores(self) -> CampaignStores:
        ports = self._ports
        return CampaignStores(types=ports.types, campaigns=ports.campaigns, members=ports.members)

    def _settle(self) -> None:
        """See to the memberships of contacts that have come or gone, however seldom we sync."""
        if self._request.dry_run:
            return
        settle_memberships(
            now=self._ports.clock(),
            enough=lambda: self._time_left() < MARGIN,
            contacts=self._ports.contacts,
            merges=self._ports.merges,
            stores=self._stores,
        )

    def _move_on(self) -> None:
        """Move members on whose status was removed, and dismiss those of deleted campaigns."""
        if self._request.dry_run:
            return
        stores = self._stores
        moved = move_all_members_on(
            now=self._ports.clock(), enough=lambda: self._time_left() < MARGIN, stores=stores
        )
        if moved:
            self._notes.count(CampaignObject.MEMBER, "moved_on", moved)
        dismissed = dismiss_all(
            now=self._ports.clock(), enough=lambda: self._time_left() < MARGIN, stores=stores
        )
        if dismissed:
            self._notes.count(CampaignObject.MEMBER, "dismissed", dismissed)

    def _named(self, campaign_id: str) -> Campaign | None:
        campaign = self._ports.campaigns.get_many([campaign_id]).get(campaign_id)
        if campaign is None:
            raise NotFoundError(f"no campaign has the id {campaign_id}", field="campaign_id")
        if campaign.syncs:
            return campaign
        why = campaign.sync.refusal or "nobody has chosen a campaign in Salesforce for it"
        self._remarks.append(f"The campaign does not sync: {why}.")
        return None

    # --- the parts ------------------------------------------------------------------------------

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
        return watermark is not None and watermark.date() < self._started_at.date()

    def _without_purged(self, followed: Sequence[Followed]) -> list[Followed]:
        return without_purged(
            followed,
            unlinker=self._unlinker,
            notes=self._notes,
            dry_run=self._request.dry_run,
        )

    def _sync_apart(self, campaigns: Sequence[Campaign], *, alone: bool = False) -> None:
        """Link campaigns that are not yet, read each by itself, and send out what waits."""
        unlinked = [each for each in campaigns if each.counterpart is None]
        if unlinked and self._request.dry_run:
            self._remarks.append(f"Would link {how_many(len(unlinked), 'campaign')}.")
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
            if not self._goes_on:
                return
            reading = FirstReading(
                home,
                ports=self._ports,
                settings=self._settings,
                pages=self._pages([home]),
                run_id=self._run_id,
                dry_run=self._request.dry_run,
                remarks=self._remarks,
            )
            read = reading.read(self._may_turn)
            if read and self._goes_on:
                self._push([read], everything=alone)

    def _push(self, followed: Sequence[Followed], *, everything: bool = False) -> None:
        rounds = MemberRounds(
            self._ports,
            settings=self._settings,
            puller=self._puller,
            unlinker=self._unlinker,
            notes=self._notes,
            dry_run=self._request.dry_run,
            until=self._started_at,
            everything=everything,
        )
        if not rounds.run(followed, self._may_push):
            self._hand_over()
        self._remarks += rounds.remarks

    def _pages(self, followed: Sequence[Followed]) -> MemberPages:
        return MemberPages(
            self._ports,
            self._settings,
            followed,
            puller=self._puller,
            unlinker=self._unlinker,
            notes=self._notes,
            dry_run=self._request.dry_run,
        )

    # --- how far to go --------------------------------------------------------------------------

    @property
    def _goes_on(self) -> bool:
        return self._status is RunStatus.COMPLETED

    def _may_turn(self, turning: Sequence[PulledStream], turns: int) -> bool:
        # One turn there is in any case: to hand over for ever would be no progress.
        if turns and self._time_left() < MARGIN:
            self._streams.give_back(turning)
            self._hand_over()
            return False
        return not self._overspent()

    def _may_push(self) -> bool:
        return self._time_left() >= MARGIN and not self._overspent()

    def _overspent(self) -> bool:
        usage = self._ports.reader.usage()
        if state_of(usage, self._settings) is not Budget.STOPPED:
            return False
        if self._goes_on:
            self._status = RunStatus.BUDGET
            self._remarks.append(f"{stopped(usage, self._settings)} Progress is kept.")
        return True

    def _hand_over(self) -> None:
        if not self._goes_on:
            return
        self._status = RunStatus.CONTINUES
        if self._request.dry_run:
            self._remarks.append("Time ran out; the plan covers what was looked at so far.")
            return
        self._ports.successor.start(self._request.payload())
        self._remarks.append("Time ran short; the next invocation goes on with the rest at once.")

    # --- the report -----------------------------------------------------------------------------

    def _report(self) -> Report:
        now = self._ports.clock()
        usage = self._ports.reader.usage()
        status = self._status
        troubled = {Action.FAILED, Action.REFUSED}
        if status is RunStatus.COMPLETED and any(
            outcome.action in troubled for outcome in self._notes.outcomes
        ):
            status = RunStatus.COMPLETED_WITH_ERRORS
        watermarks = self._streams.watermarks
        return Report(
            run_id=self._run_id,
            kind=RunKind.CAMPAIGNS,
            status=status,
            started_at=self._started_at,
            finished_at=now,
            summary=self._summary(),
            counts=self._notes.counts,
            skipped=self._notes.skipped,
            api_calls=usage.calls - self._calls_before,
            budget_used_percent=percent_of(usage, self._settings),
            more_remains=status in {RunStatus.CONTINUES, RunStatus.BUDGET, RunStatus.FAILED},
            dry_run=self._request.dry_run,
            notes=self._remarks,
            seconds_behind=(
                max((now - min(watermarks)).total_seconds(), 0.0) if watermarks else None
            ),
            settings_version=self._settings.version,
            error=self._error,
            outcomes=self._notes.outcomes,
        )

    def _summary(self) -> str:
        counts = self._notes.counts.get(CampaignObject.MEMBER, Counter())
        came = sum(counts[name] for name in ("created", "updated", "linked", "deleted"))
        if self._request.dry_run:
            would = counts["would_send"]
            return f"Would change {how_many(came, 'member')} here and send {would} to Salesforce."
        went = sum(counts[name] for name in ("sent_created", "sent_updated", "sent_deleted"))
        return f"Changed {how_many(came, 'member')} here; sent {went} to Salesforce."

    def _record(self, report: Report) -> None:
        """Keep the run for the list, unless it was an idle tick or an overlap that said nothing."""
        if self._request.dry_run:
            return
        changed = any(
            count
            for counts in self._notes.counts.values()
            for name, count in counts.items()
            if name != "read"
        )
        if changed or report.outcomes or report.error or not self._request.scheduled:
            self._ports.runs.record(report.run(), self._notes.fresh())

    def _keep(self, outcomes: Sequence[Outcome]) -> None:
        run = under_way(
            self._run_id,
            RunKind.CAMPAIGNS,
            started_at=self._started_at,
            now=self._ports.clock(),
            settings_version=self._settings.version,
        )
        self._ports.runs.record(run, outcomes)


def _has_joined(campaign: Campaign) -> bool:
    return campaign.counterpart is not None and campaign.counterpart.followed_from is not None
