"""The whole product around one org: its stores, its invocations, and what befalls them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Literal

from counterpart.adapters.memory import (
    InMemoryAddressClaims,
    InMemoryCompanyRepository,
    InMemoryCreationQueue,
    InMemoryLinkRepository,
    InMemoryMemberRepository,
    InMemoryMergeRepository,
    InMemoryOpportunityRepository,
    InMemoryRunRepository,
    InMemorySettingsRepository,
    InMemoryStreamRepository,
    InMemorySuccessor,
)
from counterpart.adapters.public_suffixes import PublicSuffixes
from counterpart.domain.backfill import Backfill, BackfillWanted
from counterpart.domain.campaign_requests import CampaignsRequest, parse_campaigns_request
from counterpart.domain.mapping import ConflictPolicy, Mode
from counterpart.domain.opportunities import OpportunitySettings
from counterpart.domain.outbound_settings import Outbound
from counterpart.domain.requests import parse_pull_request, parse_push_request
from counterpart.domain.sweep_requests import SweepRequest
from counterpart.domain.sync_settings import Guard, SyncSettings
from counterpart.errors import CounterpartError
from counterpart.use_cases.apply_page import PagePorts
from counterpart.use_cases.backfill import count_backfill, start_backfill
from counterpart.use_cases.creation_ports import CreatePorts
from counterpart.use_cases.pull_ports import PullPorts
from counterpart.use_cases.pull_records import pull_records
from counterpart.use_cases.push_edits import push_edits
from counterpart.use_cases.push_ports import PushPorts
from counterpart.use_cases.run_backfill import run_backfill
from counterpart.use_cases.sweep_links import SweepPorts, sweep_links
from counterpart.use_cases.sync_campaigns import sync_campaigns
from tests.convergence.campaign_world import CampaignSide
from tests.convergence.deliveries import Deliveries
from tests.convergence.fields import COMPANY_FIELDS, CONTACT_FIELDS, MEMBER_FIELDS
from tests.convergence.hands.memory import MemoryHands
from tests.convergence.hands.simulator import SimulatorHands
from tests.convergence.salesforce import WatchedSalesforce
from tests.convergence.watch import Calls, Crash, VirtualClock, Watch
from tests.convergence.watched import WatchedContacts, WatchedJobs, WatchedPlain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from counterpart.domain.contacts import Company, Contact
    from counterpart.domain.links import Link
    from counterpart.domain.outcomes import Outcome
    from counterpart.domain.records import SObject
    from tests.convergence.hands import Hands

OrgKind = Literal["memory", "simulator"]

_PLENTY, _NONE = timedelta(minutes=10), timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class Mishap:
    """What befalls an invocation at its point number *at*."""

    at: int = 0
    strike: Callable[[], None] | None = None


class World:
    """One history's world; everything in it is made of values and one seeded chance.

    Args:
        org: In memory, or the simulator behind the real adapter.
        skew: Seconds by which Salesforce's clock is ahead of ours.
        lagging: Whether indexes learn of writes only later.
        two_way: Fields that are two-way, besides the e-mail.
        policy: Who wins them.
        guard: What is too much at once.
        bulk_above: More rows than this go by a job.
        deals: Whether opportunities come in.
    """

    def __init__(
        self,
        org: OrgKind,
        *,
        skew: float,
        lagging: bool,
        two_way: Sequence[str] = (),
        policy: ConflictPolicy = ConflictPolicy.THREE_WAY,
        guard: Guard = Guard(),  # noqa: B008 - a value
        bulk_above: int = 2000,
        deals: bool = False,
    ) -> None:
        self.skew = timedelta(seconds=skew)
        self.lagging = lagging
        self.clock, self.watch = VirtualClock(), Watch()
        self.hands: Hands = _hands(org, self.clock, skew)
        hooks = {"before_write": self.watch.before_write, "after_write": self.watch.after_write}
        self.contacts = WatchedContacts(self.clock, lagging_index=lagging, **hooks)
        self.companies = InMemoryCompanyRepository(lagging_index=lagging, **hooks)
        self.links = InMemoryLinkRepository(**hooks)
        self.members = InMemoryMemberRepository(lagging_index=lagging, **hooks)
        self.merges = InMemoryMergeRepository(self.contacts, self.links, **hooks)
        self.opportunities = InMemoryOpportunityRepository(**hooks)
        self.streams = InMemoryStreamRepository(**hooks)
        self.runs = InMemoryRunRepository(**hooks)
        fields, company_fields = (
            tuple(
                replace(field, mode=Mode.TWO_WAY) if field.name in two_way else field
                for field in all_of
            )
            for all_of in (CONTACT_FIELDS, COMPANY_FIELDS)
        )
        self.settings = InMemorySettingsRepository(
            SyncSettings(
                fields=fields,
                company_fields=company_fields,
                member_fields=MEMBER_FIELDS,
                conflict_policy=policy,
                guard=guard,
                outbound=Outbound(bulk_above=bulk_above),
                opportunities=OpportunitySettings(enabled=deals),
            ),
            **hooks,
        )
        self.domains = _domains()
        self.queue = InMemoryCreationQueue(**hooks)
        self.successor = InMemorySuccessor()
        self.calls = Calls(self.watch, self.pass_time)
        self.salesforce = WatchedSalesforce(
            self.hands, self.calls, self.clock, self._holders, self.contacts.sights
        )
        self.jobs = WatchedJobs(self.hands, self.calls, self.salesforce)
        # Contacts whose deletion was asked for and answered, or not.
        self.deletions: dict[str, bool] = {}
        # When which records of an object come in was last changed.
        self.selected_at: dict[SObject, datetime] = {}
        self.failures: Counter[str] = Counter()
        pages = PagePorts(
            salesforce=self.salesforce,
            contacts=self.contacts,
            companies=self.companies,
            links=self.links,
            members=self.members,
            domains=self.domains,
            clock=self.clock,
        )
        self._pull = PullPorts(
            pages=pages,
            plain=WatchedPlain(self.hands, self.calls),
            opportunities=self.opportunities,
            streams=self.streams,
            settings=self.settings,
            runs=self.runs,
            successor=self.successor,
        )
        self._push = PushPorts(
            pages=pages,
            salesforce=self.salesforce,
            jobs=self.jobs,
            streams=self.streams,
            settings=self.settings,
            runs=self.runs,
            queue=self.queue,
            pause=lambda pause: self.pass_time(pause.total_seconds()),
        )
        create = CreatePorts(
            salesforce=self.salesforce,
            reader=self.salesforce,
            contacts=self.contacts,
            companies=self.companies,
            links=self.links,
            members=self.members,
            claims=InMemoryAddressClaims(**hooks),
            domains=self.domains,
            settings=self.settings,
            runs=self.runs,
            queue=self.queue,
            clock=self.clock,
        )
        self.deliveries = Deliveries(self.queue, create, self.invoke)
        self.campaigns = CampaignSide(self, lagging=lagging, hooks=hooks)

    # --- time -----------------------------------------------------------------------------------

    def pass_time(self, seconds: float) -> None:
        """Let time pass on both sides."""
        self.jobs.note()
        self.clock.advance(seconds)
        self.hands.tick()

    def stamp(self, at: datetime) -> datetime:
        """Return what Salesforce stamps at a time of ours: its own clock's, in whole seconds."""
        return (at + self.skew).replace(microsecond=0)

    # --- invocations ----------------------------------------------------------------------------

    def invoke(self, act: Callable[[], object], mishap: Mishap) -> bool:
        """Run an invocation; return whether it ended well.

        It may crash or fail, as invocations do. Anything else that it raises is a bug.
        """
        began = self.clock()
        with self.watch.invocation(at=mishap.at, strike=mishap.strike):
            try:
                act()
            except Crash:
                self.failures["crash"] += 1
                kept = {each.id: each for each in self.all_subjects()}
                self.salesforce.lose_answers(began, kept=kept)
                return False
            except CounterpartError as exc:
                self.failures[type(exc).__name__] += 1
                return False
        return True

    def pull(self, payload: Mapping[str, object], *, turns: int, mishap: Mishap) -> bool:
        """Invoke `pull_records`; after so many *turns* its time is short."""
        if "backfill" in payload:
            return self.invoke(
                partial(run_backfill, ports=self._pull, time_left=_time_for(turns)), mishap
            )
        request = parse_pull_request(payload)
        return self.invoke(
            partial(pull_records, request, ports=self._pull, time_left=_time_for(turns)), mishap
        )

    def backfill(self, sobject: SObject, *, mishap: Mishap) -> bool:
        """Count what an object holds, confirm it, and begin to read it again."""
        what = Backfill(object=sobject)

        def act() -> None:
            counted = count_backfill(BackfillWanted(what=what), ports=self._pull)
            start_backfill(
                BackfillWanted(what=what, confirm=int(str(counted["records"]))), ports=self._pull
            )

        return self.invoke(act, mishap)

    def sweep(self, request: SweepRequest = SweepRequest(), *, mishap: Mishap) -> bool:  # noqa: B008 - a value
        """Invoke `sweep_links`."""
        ports = SweepPorts(
            pages=self._pull.pages,
            plain=self._pull.plain,
            opportunities=self.opportunities,
            streams=self.streams,
            settings=self.settings,
            runs=self.runs,
            successor=InMemorySuccessor(),
        )
        return self.invoke(
            partial(sweep_links, request, ports=ports, time_left=_time_for(0)), mishap
        )

    def push(self, payload: Mapping[str, object], *, turns: int, mishap: Mishap) -> bool:
        """Invoke `push_edits`; after so many *turns* its time is short."""
        request = parse_push_request(payload)
        return self.invoke(
            partial(push_edits, request, ports=self._push, time_left=_time_for(turns)), mishap
        )

    def sync_campaigns(self, payload: Mapping[str, object], *, turns: int, mishap: Mishap) -> bool:
        """Invoke `sync_campaigns`; after so many *turns* its time is short."""
        # It runs minutes after what it looks for was written.
        self.members.catch_up()
        self.campaigns.repository.catch_up()
        request = parse_campaigns_request(payload)
        if not isinstance(request, CampaignsRequest):
            raise TypeError(f"no sync: {request}")
        ports = self.campaigns.ports
        return self.invoke(
            partial(sync_campaigns, request, ports=ports, time_left=_time_for(turns)), mishap
        )

    # --- what there is --------------------------------------------------------------------------

    def all_contacts(self) -> list[Contact]:
        """Return every contact."""
        return list(self.contacts.page(limit=10_000).items)

    def all_companies(self) -> list[Company]:
        """Return every company."""
        return list(self.companies.page(limit=10_000).items)

    def all_subjects(self) -> list[Contact | Company]:
        """Return every contact and company."""
        return [*self.all_contacts(), *self.all_companies()]

    def _holders(self, record_id: str) -> list[str]:
        """Return the ids of those whose counterpart a record is."""
        held = ((one.id, one.counterpart) for one in self.all_subjects())
        return [
            each for each, counterpart in held if counterpart and counterpart.record_id == record_id
        ]

    def all_links(self) -> list[Link]:
        """Return every link."""
        return list(self.links._links.values())

    def all_outcomes(self) -> list[Outcome]:
        """Return what all runs have to say."""
        return [one for outcomes in self.runs._outcomes.values() for one in outcomes]

    def catch_up(self, writes: int | None = None) -> None:
        """Let indexes learn of the oldest writes that they don't know; of all by default."""
        self.contacts.catch_up(writes)
        self.companies.catch_up(writes)
        self.members.catch_up(writes)
        self.campaigns.repository.catch_up()


def _hands(org: OrgKind, clock: VirtualClock, skew: float) -> Hands:
    return MemoryHands(clock, skew) if org == "memory" else SimulatorHands(clock, skew)


@cache
def _domains() -> PublicSuffixes:
    return PublicSuffixes()


def _time_for(turns: int) -> Callable[[], timedelta]:
    asked = 0

    def time_left() -> timedelta:
        nonlocal asked
        asked += 1
        return _PLENTY if turns == 0 or asked <= turns else _NONE

    return time_left
