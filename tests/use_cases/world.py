"""A world in memory: an org, our store and a clock, in which the stories are told.

Every write, on either side, passes a fuse; when it blows, the process is dead and writes no more
until it is started again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from counterpart.adapters.memory import (
    InMemoryAddressClaims,
    InMemoryCampaignRepository,
    InMemoryCampaignTypeRepository,
    InMemoryCompanyRepository,
    InMemoryContactRepository,
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
from counterpart.adapters.memory_org import MemoryOrg
from counterpart.adapters.memory_salesforce import InMemorySalesforce
from counterpart.adapters.memory_survey import InMemorySurvey
from counterpart.adapters.public_suffixes import PublicSuffixes
from counterpart.domain.contact_merge_plans import Choice
from counterpart.domain.records import SObject
from counterpart.domain.requests import PullRequest, PushRequest, parse_pull_request
from counterpart.domain.simulation_request import SimulationRequest
from counterpart.domain.standard_fields import CONTACT_FIELDS
from counterpart.domain.sweep_requests import SweepRequest
from counterpart.domain.switching import switched
from counterpart.domain.waiting import Lane
from counterpart.domain.wishes import Wish, Written
from counterpart.use_cases.apply_page import PagePorts
from counterpart.use_cases.campaign_stores import CampaignStores
from counterpart.use_cases.create_records import CreationReport, create_records
from counterpart.use_cases.creation_ports import CreatePorts
from counterpart.use_cases.delete_contact import delete_contact
from counterpart.use_cases.explain import ExplainPorts, explain
from counterpart.use_cases.holds import approve, list_holds
from counterpart.use_cases.merge_contacts import (
    Merged,
    MergePorts,
    merge_contacts,
    undo_merge,
)
from counterpart.use_cases.pull_ports import PullPorts
from counterpart.use_cases.pull_records import pull_records
from counterpart.use_cases.push_edits import push_edits
from counterpart.use_cases.push_ports import PushPorts
from counterpart.use_cases.simulate_settings import SimulatePorts, simulate_settings
from counterpart.use_cases.sweep_links import SweepPorts, sweep_links
from counterpart.use_cases.write_contacts import write_contacts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from counterpart.adapters.salesforce.rows import Row
    from counterpart.domain.contacts import Company, Contact
    from counterpart.domain.creation_requests import CreateAs
    from counterpart.domain.mapping import FieldMapping, Mode
    from counterpart.domain.outcomes import Outcome, Reason
    from counterpart.domain.sync_settings import SyncSettings
    from counterpart.ports import NewRecord, RecordChange, WriteAnswer
    from counterpart.use_cases.reports import Report

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

# Whatever a process that is killed takes with it.
LONG_AFTER_A_CRASH = timedelta(minutes=6)

_DOMAINS = PublicSuffixes()
_IN_PLAIN_VIEW = ("Email", "FirstName", "LastName", "Title", "City", "MailingCity", "Company")


class PowerCutError(Exception):
    """The process is dead; no adapter knows this error, so nobody catches it."""


class SlowSalesforce(InMemorySalesforce):
    """Salesforce as the world sees it: each call takes its time, and writes pass the fuse.

    Args:
        world: Whose clock and fuse they are.
    """

    def __init__(self, world: World, *, page_size: int, daily_calls: int) -> None:
        super().__init__(world.org, page_size=page_size, daily_calls=daily_calls)
        self._world = world

    def update(self, changes: Sequence[RecordChange]) -> WriteAnswer:
        self._world.before_write("salesforce.update")
        answer = super().update(changes)
        self._world.after_write("salesforce.update")
        return answer

    def create(self, records: Sequence[NewRecord], **options: Any) -> WriteAnswer:  # noqa: ANN401 - the port's
        self._world.before_write("salesforce.create")
        answer = super().create(records, **options)
        self._world.after_write("salesforce.create")
        return answer

    def _call(self) -> None:
        super()._call()
        self._world.now += self._world.seconds_per_call * SECOND


class World:
    """Everything that a story needs, beginning at noon with nobody in it.

    Attributes:
        now: The time, by our clock and by Salesforce's.
        deadline: When the invocation is ended from outside.
        seconds_per_call: How long each call to Salesforce takes.
        written: The writes that happened, by name.
        on_write: What somebody else does right after a write, by its name, once.
        rival: What somebody else does right before each write, told its name.
    """

    def __init__(
        self,
        settings: SyncSettings | None = None,
        *,
        page_size: int = 2000,
        daily_calls: int = 0,
        lagging_index: bool = False,
    ) -> None:
        self.now = NOON
        self.deadline: datetime | None = None
        self.seconds_per_call = 0
        self.written: list[str] = []
        self.on_write: dict[str, Any] = {}
        self.rival: Callable[[str], None] | None = None
        self._writes_left: int | None = None
        self._numbers = count()
        hooks: dict[str, Any] = {
            "before_write": self.before_write,
            "after_write": self.after_write,
        }
        self.org = MemoryOrg(self.clock)
        self.salesforce = SlowSalesforce(self, page_size=page_size, daily_calls=daily_calls)
        self.salesforce.jobs.watch(self.before_write, self.after_write)
        self.contacts = InMemoryContactRepository(lagging_index=lagging_index, **hooks)
        self.companies = InMemoryCompanyRepository(lagging_index=lagging_index, **hooks)
        self.links = InMemoryLinkRepository(**hooks)
        self.claims = InMemoryAddressClaims(**hooks)
        self.merges = InMemoryMergeRepository(self.contacts, self.links, **hooks)
        self.members = InMemoryMemberRepository(lagging_index=lagging_index, **hooks)
        self.campaigns = CampaignStores(
            types=InMemoryCampaignTypeRepository(**hooks),
            campaigns=InMemoryCampaignRepository(lagging_index=lagging_index, **hooks),
            members=self.members,
        )
        self.opportunities = InMemoryOpportunityRepository(**hooks)
        self.streams = InMemoryStreamRepository(**hooks)
        self.settings = InMemorySettingsRepository(settings)
        self.runs = InMemoryRunRepository(**hooks)
        self.queue = InMemoryCreationQueue(**hooks)
        self.successor = InMemorySuccessor()
        self.pages = PagePorts(
            salesforce=self.salesforce,
            contacts=self.contacts,
            companies=self.companies,
            links=self.links,
            members=self.members,
            domains=_DOMAINS,
            clock=self.clock,
        )

    # --- Time and accidents ---------------------------------------------------------------------

    def clock(self) -> datetime:
        """Return the time."""
        return self.now

    def wait(self, minutes: float = 1) -> None:
        """Let time pass."""
        self.now += minutes * MINUTE

    def automate(self, record_id: str, values: Mapping[str, object]) -> None:
        """Let automation there set fields of a record as often as an update of ours goes out."""

        def act() -> None:
            self.org.edit(record_id, values)
            self.on_write["salesforce.update"] = act

        self.on_write["salesforce.update"] = act

    def cut_the_power_after(self, writes: int) -> None:
        """Let that many more writes happen, and then none."""
        self._writes_left = writes

    def start_again(self) -> None:
        """Bring the power back, when leases of the dead process have ended."""
        self._writes_left = None
        self.now += LONG_AFTER_A_CRASH

    def before_write(self, name: str) -> None:
        """Let a rival come first, and keep a dead process from writing."""
        rival, self.rival = self.rival, None
        if rival:
            # Its own writes have no rival.
            rival(name)
            self.rival = rival
        if self._writes_left is None:
            return
        if self._writes_left <= 0:
            raise PowerCutError
        self._writes_left -= 1

    def after_write(self, name: str) -> None:
        """Note a write, and let somebody else act who has waited for it."""
        self.written.append(name)
        act = self.on_write.pop(name, None)
        if act:
            act()

    def writes_of(self, *names: str) -> int:
        """Return how many writes had one of these names, or begin with one."""
        return sum(written.startswith(names) for written in self.written)

    # --- What people do in Salesforce -----------------------------------------------------------

    def lead(self, email: str | None = "ada@example.com", **values: Any) -> str:  # noqa: ANN401 - a row's
        """Add a Lead and return its id."""
        return self.org.add(
            SObject.LEAD, {"LastName": "Lovelace", "Company": "Acme", "Email": email, **values}
        )

    def person(self, email: str | None = "ada@example.com", **values: Any) -> str:  # noqa: ANN401 - a row's
        """Add a Contact and return its id."""
        return self.org.add(SObject.CONTACT, {"LastName": "Lovelace", "Email": email, **values})

    def account(self, name: str = "Acme", **values: Any) -> str:  # noqa: ANN401 - a row's
        """Add an Account and return its id."""
        return self.org.add(SObject.ACCOUNT, {"Name": name, **values})

    def analysts(self, count: int = 1) -> list[str]:
        """Pull that many leads, analysts of Bern, and return the ids of their contacts."""
        leads = [self.lead(f"{n}@example.com", Title="Analyst", City="Bern") for n in range(count)]
        self.wait()
        self.pull()
        self.wait()
        self.written.clear()
        return [self.of(lead_id).id for lead_id in leads]

    # --- What people do here --------------------------------------------------------------------

    def write(self, *wishes: Wish, lane: Lane = Lane.FRESH) -> list[Written]:
        """Fulfil wishes as the API does."""
        answers = write_contacts(
            wishes,
            lane=lane,
            now=self.now,
            contacts=self.contacts,
            settings=self.settings,
            queue=self.queue,
        )
        assert all(isinstance(answer, Written) for answer in answers), answers
        return [answer for answer in answers if isinstance(answer, Written)]

    def add(
        self,
        email: str = "ada@example.com",
        *,
        sync: bool = False,
        create_as: CreateAs | None = None,
        **fields: object,
    ) -> str:
        """Add a contact and return its id."""
        wish = Wish(
            email=email,
            fields=fields,
            sync_to_salesforce=sync,
            create_as=create_as,
            # The same id each time that a story is told.
            request=("story", str(next(self._numbers))),
        )
        return self.write(wish)[0].contact.id

    def edit(self, contact_id: str, *, lane: Lane = Lane.FRESH, **fields: object) -> None:
        """Edit a contact; its address and opt-out, too."""
        email, opted_out = fields.pop("email", None), fields.pop("opted_out", None)
        self.write(
            Wish(
                contact_id=contact_id,
                fields=fields,
                email=str(email) if email else None,
                opted_out=bool(opted_out) if opted_out is not None else None,
            ),
            lane=lane,
        )

    def delete(self, contact_id: str, *, untold: bool = False) -> None:
        """Delete a contact."""
        delete_contact(
            contact_id,
            contacts=self.contacts,
            links=self.links,
            members=self.members,
            settings=self.settings.current(),
            now=self.now,
            untold=untold,
        )

    def merge(
        self,
        survivor_id: str,
        loser_id: str,
        *,
        otherwise: Choice = Choice.SURVIVOR,
        **choices: Choice,
    ) -> Merged:
        """Merge one contact into another."""
        return merge_contacts(
            survivor_id,
            loser_id,
            choices=choices,
            otherwise=otherwise,
            now=self.now,
            ports=self.merge_ports,
        )

    def undo(self, loser_id: str) -> Merged:
        """Undo a merge."""
        return undo_merge(loser_id, now=self.now, ports=self.merge_ports)

    @property
    def merge_ports(self) -> MergePorts:
        """Return what merging needs."""
        return MergePorts(
            contacts=self.contacts,
            links=self.links,
            merges=self.merges,
            campaigns=self.campaigns,
            settings=self.settings,
            queue=self.queue,
        )

    def change(self, **sections: Any) -> None:  # noqa: ANN401 - of the settings
        """Change sections of the settings."""
        before = self.settings.current()
        after = switched(before, replace(before, **sections), now=self.now)
        self.settings.save(after, changed_by="operator", changed_at=self.now)

    def switch_outbound(self, *, on: bool) -> None:
        """Switch outbound on or off."""
        self.change(outbound=replace(self.settings.current().outbound, enabled=on))

    # --- What the functions do ------------------------------------------------------------------

    def pull(self, **request: Any) -> Report:  # noqa: ANN401 - of a `PullRequest`
        """Run `pull_records` once."""
        return pull_records(PullRequest(**request), ports=self.pull_ports, time_left=self.time_left)

    @property
    def pull_ports(self) -> PullPorts:
        """Return what pulling needs."""
        return PullPorts(
            pages=self.pages,
            plain=self.salesforce,
            opportunities=self.opportunities,
            streams=self.streams,
            settings=self.settings,
            runs=self.runs,
            successor=self.successor,
        )

    def follow(self) -> list[Report]:
        """Run the invocations that were asked for, and those that they ask for."""
        reports = []
        while self.successor.payloads:
            self.deadline = None
            payload = self.successor.payloads.pop(0)
            reports.append(self.pull(**_fields_of(parse_pull_request(payload))))
        return reports

    def push(self, **request: Any) -> Report:  # noqa: ANN401 - of a `PushRequest`
        """Run `push_edits` once; by default with everything that waits."""
        ports = PushPorts(
            pages=self.pages,
            salesforce=self.salesforce,
            jobs=self.salesforce.jobs,
            streams=self.streams,
            settings=self.settings,
            runs=self.runs,
            queue=self.queue,
            pause=self._pause,
        )
        wanted = PushRequest(**(request or {"everything_waiting": True}))
        return push_edits(wanted, ports=ports, time_left=self.time_left)

    def create(self, *, dry_run: bool = False) -> CreationReport:
        """Run `create_records` with what the queue has; who fails is delivered again."""
        jobs = self.queue.receive(200)
        again = {job.contact_id for job in jobs}
        try:
            result = create_records(jobs, ports=self.create_ports, dry_run=dry_run)
            again = set(result.failed)
        finally:
            self.queue.jobs += [job for job in jobs if job.contact_id in again]
        return result

    @property
    def create_ports(self) -> CreatePorts:
        """Return what creating needs."""
        return CreatePorts(
            salesforce=self.salesforce,
            reader=self.salesforce,
            contacts=self.contacts,
            companies=self.companies,
            links=self.links,
            members=self.members,
            claims=self.claims,
            domains=_DOMAINS,
            settings=self.settings,
            runs=self.runs,
            queue=self.queue,
            clock=self.clock,
        )

    def sweep(self, **request: Any) -> Report:  # noqa: ANN401 - of a `SweepRequest`
        """Run `sweep_links` once."""
        ports = SweepPorts(
            pages=self.pages,
            plain=self.salesforce,
            opportunities=self.opportunities,
            streams=self.streams,
            settings=self.settings,
            runs=self.runs,
            successor=self.successor,
        )
        return sweep_links(SweepRequest(**request), ports=ports, time_left=self.time_left)

    def holds(self) -> list[dict[str, Any]]:
        """Return what the guard holds."""
        told: Any = list_holds(streams=self.streams, settings=self.settings)["items"]
        return list(told)

    def approve(self, hold_id: str) -> dict[str, object]:
        """Say yes to what the guard holds."""
        return approve(
            hold_id,
            streams=self.streams,
            settings=self.settings,
            successor=self.successor,
            clock=self.clock,
        )

    def explain(self, asked_for: str) -> Any:  # noqa: ANN401 - JSON
        """Ask why."""
        ports = ExplainPorts(
            pages=self.pages,
            creator=self.salesforce,
            settings=self.settings,
            runs=self.runs,
            streams=self.streams,
            merges=self.merges,
        )
        return explain(asked_for, ports=ports).answer()

    def simulate(
        self, settings: Mapping[str, object], *, limit: int = 500, after: str | None = None
    ) -> Any:  # noqa: ANN401 - JSON
        """Try settings."""
        ports = SimulatePorts(
            pages=self.pages,
            settings=self.settings,
            survey=InMemorySurvey(self.org),
            streams=self.streams,
        )
        request = SimulationRequest(document=settings, limit=limit, after=after)
        return simulate_settings(request, ports=ports).answer()

    def settle(self, rounds: int = 6) -> None:
        """Let all three functions run, minutes apart, until they have nothing left to do."""
        for _ in range(rounds):
            self.wait(5)
            self.pull()
            if self.queue.jobs:
                self.create()
            self.wait(5)
            self.push()

    def _pause(self, pause: timedelta) -> None:
        self.now += pause

    def time_left(self) -> timedelta:
        """Return how long the invocation may still take."""
        return self.deadline - self.now if self.deadline else timedelta(minutes=10)

    # --- What can be seen -----------------------------------------------------------------------

    def contact(self, contact_id: str) -> Contact:
        """Return a contact."""
        return self.contacts.get_many([contact_id])[contact_id]

    def waits(self, contact_id: str) -> bool:
        """Return whether something of a contact waits to go out, and is not parked."""
        waiting = self.contact(contact_id).waiting
        return waiting is not None and waiting.lane is not Lane.PARKED

    def everybody(self) -> list[Contact]:
        """Return all contacts."""
        return list(self.contacts.page(limit=10_000).items)

    def titles(self) -> list[str]:
        """Return the titles of all contacts, sorted."""
        return sorted(str(contact.ledger.values.get("job_title")) for contact in self.everybody())

    def all_companies(self) -> list[Company]:
        """Return all companies."""
        return list(self.companies.page(limit=10_000).items)

    def the_contact(self) -> Contact:
        """Return the only contact that there is."""
        (contact,) = self.everybody()
        return contact

    def of(self, record_id: str) -> Contact:
        """Return the contact that a record is linked to."""
        link = self.links.get_many([record_id])[record_id]
        assert link.subject_id
        return self.contact(link.subject_id)

    def record_of(self, contact_id: str) -> str:
        """Return the id of a contact's counterpart."""
        counterpart = self.contact(contact_id).counterpart
        assert counterpart
        return counterpart.record_id

    def row_of(self, contact_id: str) -> Row:
        """Return the row that a contact is linked to."""
        return self.org.row(self.record_of(contact_id))

    def outcomes(self) -> list[Outcome]:
        """Return what all runs have told, the oldest run first."""
        runs = self.runs.page(limit=10_000).items
        return [
            outcome
            for run in reversed(runs)
            for outcome in self.runs.outcomes(run.id, limit=10_000).items
        ]

    def reasons(self) -> list[Reason]:
        """Return the reasons of all that the runs have told."""
        return [outcome.reason for outcome in self.outcomes()]

    def state(self) -> Mapping[str, object]:
        """Return how it all ended: without versions, and without who was written when."""
        contacts = self.everybody()
        companies = self.all_companies()
        records = [row["Id"] for sobject in SObject for row in self.org.rows(sobject)]
        links = self.links.get_many(records)
        return {
            "contacts": sorted(map(_essence, contacts), key=repr),
            "companies": sorted(
                (each.id, dict(each.ledger.values), each.counterpart and each.counterpart.record_id)
                for each in companies
            ),
            "links": {key: (link.state, link.subject_id) for key, link in links.items()},
            "org": {
                row["Id"]: {name: row.get(name) for name in (*_IN_PLAIN_VIEW, "AccountId")}
                for sobject in SObject
                for row in self.org.rows(sobject)
            },
        }


def _essence(contact: Contact) -> tuple[object, ...]:
    return (
        contact.id,
        dict(contact.ledger.values),
        dict(contact.ledger.shadows),
        contact.counterpart.record_id if contact.counterpart else None,
        contact.company_id,
        contact.waiting is not None,
        contact.creation,
    )


def _fields_of(request: PullRequest) -> dict[str, Any]:
    return {name: getattr(request, name) for name in PullRequest.__dataclass_fields__}


def with_mode(mode: Mode, *names: str, blank_overwrites: bool = True) -> tuple[FieldMapping, ...]:
    """Return the standard mapping of people, in which some fields have another mode."""
    return tuple(
        replace(field, mode=mode, blank_overwrites=blank_overwrites)
        if field.name in names
        else field
        for field in CONTACT_FIELDS
    )
