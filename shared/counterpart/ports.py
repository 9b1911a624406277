"""What the use cases need of the world, in the words of the domain.

Adapters fulfil these protocols; the memory ones do so too and are held to the same contract tests.
No vendor's exception, dictionary or client crosses a port: trouble arrives as an error of
`counterpart.errors`. Sequences keep their order; mappings leave out what was not found.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from counterpart.domain.contact_merge_plans import ContactMerge
from counterpart.domain.contacts import Company, Contact, CreateAs, Lane, Link
from counterpart.domain.mapping import FieldMapping
from counterpart.domain.opportunities import ContactRole, Opportunity
from counterpart.domain.outcomes import Outcome, Run, RunKind
from counterpart.domain.records import AnyObject, PlainRecord, Record, SObject
from counterpart.domain.refusals import Refusal
from counterpart.domain.selection import Selection
from counterpart.domain.streams import PAGE_SIZE, Keyset, Lease, Rows, StreamState
from counterpart.domain.sync_settings import SyncSettings

Item = TypeVar("Item")

Clock = Callable[[], datetime]

# What Salesforce's JSON can hold in one field.
Json = str | int | float | bool | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing(Generic[Item]):
    """Some items of a longer list.

    Attributes:
        next: Opaque; hand it back to get what follows. `None` at the end.
    """

    items: Sequence[Item]
    next: str | None = None


# --- Salesforce ---------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class PageQuery:
    """One page of one object, in the order (`SystemModstamp`, `Id`), deleted rows included.

    Attributes:
        fields: What to read into `Record.values`, besides what every record carries.
        lower: Rows stamped at or after it; `None` for no bound.
        upper: Rows stamped before it; `None` for no bound.
        after: Rows that come later in the order than this one.
        selection: Narrows the live rows; rows that are gone are never narrowed.
        ids: These alone, 18 characters each; empty for no bound.
    """

    object: SObject
    rows: Rows
    fields: Sequence[FieldMapping]
    lower: datetime | None = None
    upper: datetime | None = None
    after: Keyset | None = None
    selection: Selection | None = None
    ids: Collection[str] = ()
    limit: int = PAGE_SIZE


@dataclass(frozen=True, kw_only=True, slots=True)
class PlainQuery:
    """One page of any object, in the order (`SystemModstamp`, `Id`), deleted rows included.

    Attributes:
        object: By API name.
        paths: API names, or dotted paths to parents' fields, besides what every record carries.
        among: Rows whose field has one of these values, for each field that is named.
        lower: Rows stamped at or after it; `None` for no bound.
        upper: Rows stamped before it; `None` for no bound.
        after: Rows that come later in the order than this one.
    """

    object: str
    paths: Sequence[str]
    among: Mapping[str, Collection[str]] = field(default_factory=dict)
    lower: datetime | None = None
    upper: datetime | None = None
    after: Keyset | None = None
    limit: int = PAGE_SIZE


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordPage(Generic[Item]):
    """The answer to one query; it may hold fewer rows than asked for and not be the last.

    Attributes:
        timed_out: Salesforce gave up on the query: it says nothing of the rows, and a narrower
            window may have an answer.
    """

    records: Sequence[Item]
    finished: bool
    timed_out: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Poll(Generic[Item]):
    """The answers to several queries, asked in one call.

    Attributes:
        as_of: By Salesforce's clock, a moment no later than that at which the rows were read.
        pages: One for each query, in order.
        facts: What was described along with it, by object, then by API name of the field; an
            object that could not be described is left out.
    """

    as_of: datetime
    pages: Sequence[RecordPage[Item]]
    facts: Mapping[SObject, Mapping[str, FieldFacts]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiUsage:
    """What the org's daily allowance looks like, by the last answer of Salesforce.

    Attributes:
        calls: Calls made by this process so far.
        used: Calls of the whole org in the last 24 hours; 0 while unknown.
        allowed: The org's allowance for 24 hours; 0 while unknown.
    """

    calls: int = 0
    used: int = 0
    allowed: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldFacts:
    """What `describe` says of one field.

    Attributes:
        nillable: A record may be without it.
        defaulted: Salesforce fills it by itself in a new record.
        choices: The active values of a picklist.
        filterable: A query may be narrowed by it.
    """

    path: str
    type: str
    label: str
    createable: bool
    updateable: bool
    length: int | None = None
    nillable: bool = True
    defaulted: bool = False
    external_id: bool = False
    unique: bool = False
    choices: tuple[str, ...] = ()
    filterable: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectFacts:
    """What `describe` says of one object, and of its fields by API name.

    Attributes:
        parents: The objects that its lookups lead to, by relationship in lower case.
    """

    name: str
    queryable: bool
    createable: bool
    updateable: bool
    fields: Mapping[str, FieldFacts]
    parents: Mapping[str, str] = field(default_factory=dict)


class RecordReader(Protocol):
    """Reads records."""

    def poll(
        self, queries: Sequence[PageQuery], describe: Collection[SObject] = ()
    ) -> Poll[Record]:
        """Answer up to five queries with one API call, which may describe some objects as well.

        Raises:
            MissingFieldError: a field of a query does not exist for our user.
        """

    def read(
        self, wanted: Mapping[SObject, Collection[str]], fields: Sequence[FieldMapping]
    ) -> Mapping[str, Record]:
        """Return the records of these 18-character ids as they are now, by id.

        Rows in the recycle bin are included, marked as deleted; those beyond it are left out.
        Takes any number of ids with as few calls as possible.
        """

    def count(self, query: PageQuery) -> int | None:
        """Return how many rows fulfil a query, whatever page of them it asks for, with one call.

        Returns:
            `None` if Salesforce gave up on it.
        """

    def hidden(self, sobject: SObject, paths: Collection[str]) -> Collection[str]:
        """Return those of these fields of an object, or of its parents, that our user can't see.

        Asks Salesforce anew each time.

        Raises:
            MissingFieldError: our user does not see the object.
        """

    def usage(self) -> ApiUsage:
        """Return what the calls so far have cost. Costs nothing itself."""


class PlainReader(Protocol):
    """Reads rows of any object, as they are."""

    def poll_plain(self, queries: Sequence[PlainQuery]) -> Poll[PlainRecord]:
        """Answer up to five queries with one API call.

        Raises:
            MissingFieldError: a field or an object of a query does not exist for our user.
        """

    def read_plain(
        self, sobject: str, paths: Sequence[str], *, among: Mapping[str, Collection[str]]
    ) -> Sequence[PlainRecord]:
        """Return all rows whose fields have one of these values, those in the recycle bin too.

        Takes any number of values of one field with as few calls as possible, and a few of others.

        Raises:
            MissingFieldError: a field or the object does not exist for our user.
        """

    def describe(self, sobject: str) -> Mapping[str, FieldFacts]:
        """Return what our user may see of an object, by API name of the field."""

    def usage(self) -> ApiUsage:
        """Return what the calls so far have cost. Costs nothing itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordChange:
    """New values for some fields of one record, by API name."""

    object: AnyObject
    record_id: str
    values: Mapping[str, Json]


@dataclass(frozen=True, kw_only=True, slots=True)
class RowAnswer:
    """What Salesforce said of one row: it has an id, or it was refused."""

    record_id: str | None = None
    created: bool = False
    refusal: Refusal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WriteAnswer:
    """What Salesforce said of each row, in order.

    Attributes:
        as_of: By Salesforce's clock, a moment no earlier than the last of these writes.
    """

    rows: Sequence[RowAnswer]
    as_of: datetime


class RecordWriter(Protocol):
    """Changes records that exist."""

    def update(self, changes: Sequence[RecordChange]) -> WriteAnswer:
        """Write up to 1,000 changes with one API call; each row succeeds or fails by itself.

        A collection that failed as a whole for a passing reason gives each of its rows a refusal
        to be retried. An answer that was lost raises `TransientError`: the write may have happened.
        """

    def usage(self) -> ApiUsage:
        """Return what the calls so far have cost. Costs nothing itself."""


class JobState(StrEnum):
    """How far a job is."""

    # Nothing of it is written, and nothing will be until it is started.
    OPEN = "open"
    WORKING = "working"
    # Every row was tried.
    COMPLETE = "complete"
    # It ended early; some rows may never have been tried.
    FAILED = "failed"
    ABORTED = "aborted"
    # Salesforce does not know it, or no longer.
    GONE = "gone"


@dataclass(frozen=True, kw_only=True, slots=True)
class JobProgress:
    """What Salesforce tells of a job.

    Attributes:
        refused: Rows that were tried and not taken.
        as_of: By Salesforce's clock, a moment no earlier than the last of its writes so far.
        message: Why it failed, in Salesforce's words.
    """

    state: JobState
    refused: int
    as_of: datetime
    message: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class JobResults:
    """What became of the rows of a job that has ended; what is in neither was never tried.

    Attributes:
        written: Ids of records.
        refused: Ids of records that were tried and not taken.
    """

    written: Collection[str]
    refused: Collection[str]


class RecordJobs(Protocol):
    """Changes many records of one object in the background; each row succeeds or fails alone."""

    def takes(self, change: RecordChange) -> bool:
        """Return whether a job can carry this change as it is."""

    def open(self, sobject: SObject) -> str | None:
        """Open a job and return its id; `None` if the org lets us have none."""

    def upload(self, job_id: str, changes: Sequence[RecordChange]) -> None:
        """Hand over all rows of a job, once; nothing is written before it is started."""

    def start(self, job_id: str) -> None:
        """Let a job begin to write."""

    def look(self, job_id: str) -> JobProgress:
        """Return how far a job is."""

    def abort(self, job_id: str) -> None:
        """End a job; what it has written stays. One that has ended already is left alone."""

    def results(self, job_id: str) -> JobResults:
        """Return what became of the rows of a job that has ended."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonFound:
    """A Contact or unconverted Lead that has an address, or an id of ours, that we look for.

    Attributes:
        email_key: Its normalised address; empty if it has none.
        external_id: The id of ours that it bears, if it bears one.
    """

    record: Record
    email_key: str
    external_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountFound:
    """An Account whose Website may belong to a domain we look for, or that bears an id of ours.

    Attributes:
        name: Its name.
        website: As written in Salesforce; the caller verifies whether it is a match.
        external_id: The id of ours that it bears, if it bears one.
    """

    record_id: str
    name: str
    website: str | None
    modified_at: datetime
    external_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LookUp:
    """What Salesforce already knows of some people and organisations."""

    people: Sequence[PersonFound]
    accounts: Sequence[AccountFound]


@dataclass(frozen=True, kw_only=True, slots=True)
class NewRecord:
    """A record to be made, or found again, under our external id.

    Attributes:
        external_id: Our contact's or company's id.
        values: By API name.
        account_id: The Account of a Contact, if it is known by its Salesforce id.
        account_external_id: The Account of a Contact, if it is known by our company's id.
    """

    object: SObject
    external_id: str
    values: Mapping[str, Json]
    account_id: str | None = None
    account_external_id: str | None = None


class RecordCreator(Protocol):
    """Finds what exists and makes what doesn't."""

    def look_up(
        self,
        *,
        emails: Collection[str],
        domains: Collection[str],
        fields: Sequence[FieldMapping],
        contact_ids: Collection[str] = (),
        company_ids: Collection[str] = (),
    ) -> LookUp:
        """Return what exists already, in one call for what one batch of jobs asks for.

        Args:
            emails: Normalised addresses of people.
            domains: What the Website of an Account may mention.
            fields: What to read of people.
            contact_ids: Ids of ours that people may bear, made by an earlier try.
            company_ids: The same of Accounts.
        """

    def create(
        self,
        records: Sequence[NewRecord],
        *,
        allow_duplicates: bool = False,
        assignment_rule: str = "",
    ) -> WriteAnswer:
        """Upsert Accounts, Contacts and Leads by our external id, Accounts first, in one call.

        Takes up to 200 of each object. Made twice, a record is the same record: a lost answer or a
        job that is delivered again creates nothing anew. Where an object lacks the external id,
        its rows are plainly inserted; then whoever looks up before each try is safe.

        Args:
            records: What is wanted.
            allow_duplicates: Save a row although a duplicate rule warns of it.
            assignment_rule: Who gets a new Lead: `default`, the id of a rule, or nobody else.
        """

    def usage(self) -> ApiUsage:
        """Return what the calls so far have cost. Costs nothing itself."""


class OrgSurvey(Protocol):
    """Looks an org over, as our user sees it."""

    def allowance(self) -> ApiUsage:
        """Return what is left of today's API calls.

        Raises:
            AuthenticationError: Salesforce does not accept our credentials.
            ConfigurationError: the org does not serve this version of its API to us.
        """

    def object(self, name: str) -> ObjectFacts | None:
        """Return what our user may do with an object; `None` if it does not see it."""

    def duplicate_rules(self) -> Sequence[tuple[str, str]] | None:
        """Return the active duplicate rules, as object and label; `None` if they are hidden."""


class ErrandRunner(Protocol):
    """Another function, which does what has to be done where Salesforce can be asked."""

    def run(self, errand: Mapping[str, object]) -> Mapping[str, object]:
        """Return its answer to a payload.

        Raises:
            InputError: the errand was refused.
            TransientError: there was no answer.
        """


# --- Our own store ------------------------------------------------------------------------------


class ContactRepository(Protocol):
    """Contacts, each one item, each written by one conditional write."""

    def get_many(self, contact_ids: Collection[str]) -> Mapping[str, Contact]:
        """Return contacts by id, read consistently."""

    def find_by_email(self, email_keys: Collection[str]) -> Mapping[str, Sequence[Contact]]:
        """Return the contacts of each normalised address, most recently updated first.

        Reads an index, which may lag behind; the contacts themselves are as they are now.
        """

    def find_by_name(self, name_keys: Collection[str]) -> Mapping[str, Sequence[Contact]]:
        """Return the contacts of each `likeness.name_key`, most recently updated first.

        Reads an index, as above.
        """

    def save_many(self, contacts: Sequence[Contact]) -> Collection[str]:
        """Store each contact unless it changed since; return the ids of those that had.

        A contact's `version` is the one that it was read at (0: must not exist yet); it is stored
        with the next one.
        """

    def delete(self, contact: Contact) -> None:
        """Delete a contact unless it changed since.

        Raises:
            ChangedMeanwhileError: the stored version is another one.
        """

    def page(self, *, limit: int, after: str | None = None) -> Listing[Contact]:
        """Return contacts in no particular order, each once."""

    def waiting(self, lane: Lane, *, until: datetime, limit: int) -> Sequence[str]:
        """Return ids of contacts whose mark in *lane* is due by *until*, longest wait first."""

    def oldest_wait(self, lane: Lane) -> datetime | None:
        """Return the earliest due time in *lane*, or `None` if nothing waits there."""

    def count_waiting(self, lane: Lane) -> int:
        """Return how many bear a mark in *lane*, be it due or not."""


class CompanyRepository(Protocol):
    """Companies, stored as contacts are."""

    def get_many(self, company_ids: Collection[str]) -> Mapping[str, Company]:
        """Return companies by id, read consistently."""

    def find_by_domain(self, domains: Collection[str]) -> Mapping[str, Sequence[Company]]:
        """Return the companies of each registrable domain, oldest id first."""

    def save_many(self, companies: Sequence[Company]) -> Collection[str]:
        """Store each company unless it changed since; return the ids of those that had."""

    def page(self, *, limit: int, after: str | None = None) -> Listing[Company]:
        """Return companies in no particular order, each once."""

    def waiting(self, lane: Lane, *, until: datetime, limit: int) -> Sequence[str]:
        """Return ids of companies whose mark in *lane* is due by *until*, longest wait first."""

    def oldest_wait(self, lane: Lane) -> datetime | None:
        """Return the earliest due time in *lane*, or `None` if nothing waits there."""

    def count_waiting(self, lane: Lane) -> int:
        """Return how many bear a mark in *lane*, be it due or not."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkClaim:
    """A link to be stored, provided that what is stored is still *expected*.

    Attributes:
        expected: What was read before; `None` if there was nothing.
    """

    link: Link
    expected: Link | None = None


class LinkRepository(Protocol):
    """What each Salesforce id means to us; here, and nowhere else, a counterpart is unique."""

    def get_many(self, record_ids: Collection[str]) -> Mapping[str, Link]:
        """Return links by 18-character Salesforce id, read consistently."""

    def claim_many(self, claims: Sequence[LinkClaim]) -> Collection[str]:
        """Store each link unless it changed since; return the record ids of those that had.

        Two links are the same if their subject and state are.
        """


class MergeRepository(Protocol):
    """Merges of contacts, by the id of the contact that is no more."""

    def get(self, loser_id: str) -> ContactMerge | None:
        """Return the last merge of a contact into another, read consistently."""

    def page(self, *, limit: int, after: str | None = None) -> Listing[ContactMerge]:
        """Return merges in no particular order, each once."""

    def store(
        self,
        merge: ContactMerge,
        *,
        survivor: Contact,
        loser: Contact,
        links: Sequence[LinkClaim],
    ) -> bool:
        """Store a merge, or that it was undone, and all that it changes, or nothing of it.

        The survivor is saved; the loser is deleted by a merge, and stored anew by undoing one.

        Returns:
            Whether nobody had changed any of it since.

        Raises:
            InputError: the two contacts are too large to be kept with the merge.
        """


class OpportunityRepository(Protocol):
    """Opportunities and people's roles in them, by their Salesforce ids."""

    def get_many(self, opportunity_ids: Collection[str]) -> Mapping[str, Opportunity]:
        """Return opportunities by id, read consistently."""

    def get_roles(self, role_ids: Collection[str]) -> Mapping[str, ContactRole]:
        """Return roles by id, read consistently."""

    def of_accounts(self, account_ids: Collection[str]) -> Sequence[Opportunity]:
        """Return the opportunities of these Accounts, by their Salesforce ids, in order of ids.

        Reads an index, which may lag behind; the opportunities themselves are as they are now.
        """

    def roles_of(self, contact_record_ids: Collection[str]) -> Sequence[ContactRole]:
        """Return the roles of these Contacts, by their Salesforce ids; likewise."""

    def save_many(self, opportunities: Sequence[Opportunity]) -> None:
        """Store each opportunity unless a later version of it is stored."""

    def save_roles(self, roles: Sequence[ContactRole]) -> None:
        """Store each role unless a later version of it is stored."""


class StreamRepository(Protocol):
    """How far each stream has come, and who may move it."""

    def get(self, stream: str) -> StreamState:
        """Return a stream's state; one that never ran has a fresh state."""

    def acquire(self, stream: str, *, now: datetime, lasts: timedelta) -> Lease | None:
        """Return a lease on a stream, or `None` while somebody else holds one."""

    def save(self, state: StreamState, lease: Lease) -> None:
        """Store a stream's state, and the lease's end as it stands in *lease*.

        Raises:
            LeaseLostError: a later lease was granted.
        """

    def release(self, lease: Lease) -> None:
        """End a lease; nothing happens if a later one was granted."""

    def discard(self, lease: Lease) -> None:
        """Forget a stream and its lease; for ad hoc runs that have ended."""


class SettingsRepository(Protocol):
    """The settings document, every version of it."""

    def current(self) -> SyncSettings:
        """Return the newest version; the default document, version 0, before any was stored."""

    def save(self, settings: SyncSettings, *, changed_by: str, changed_at: datetime) -> None:
        """Store *settings* as the version it bears.

        Raises:
            StaleVersionError: that version exists already, or is not the one after the newest.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldOutcome:
    """An outcome, and the run that told of it."""

    run_id: str
    outcome: Outcome


class RunRepository(Protocol):
    """What was done, for people to look up."""

    def record(self, run: Run, outcomes: Sequence[Outcome] = ()) -> None:
        """Store a run, or its newer state, and add *outcomes* to it."""

    def get(self, run_id: str) -> Run | None:
        """Return a run."""

    def page(
        self, *, kind: RunKind | None = None, limit: int, after: str | None = None
    ) -> Listing[Run]:
        """Return runs, newest first."""

    def outcomes(self, run_id: str, *, limit: int, after: str | None = None) -> Listing[Outcome]:
        """Return the outcomes of a run in the order they were recorded."""

    def about(self, subject_id: str, *, limit: int) -> Sequence[ToldOutcome]:
        """Return the last outcomes about a contact or company, newest first.

        Reads an index, which may lag behind.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class CreationJob:
    """A request to create one contact in Salesforce.

    Attributes:
        create_as: Overrides the setting, if given.
        requested_at: When somebody asked for it.
    """

    contact_id: str
    requested_at: datetime
    create_as: CreateAs | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One job as the queue hands it over.

    Attributes:
        message_id: How the answer names it.
        receipt: How the queue knows this very delivery.
        job: `None` if the message holds none, which delivering it again won't change.
        attempts: How often it was delivered, this time included.
    """

    message_id: str
    receipt: str
    job: CreationJob | None
    attempts: int = 1


class CreationQueue(Protocol):
    """Jobs on their way to `create_records`."""

    def send(self, jobs: Sequence[CreationJob]) -> None:
        """Queue jobs; each will be delivered at least once."""

    def park(self, job: CreationJob, *, reason: str) -> None:
        """Put a job that cannot succeed among the dead letters, with the reason."""

    def put_off(self, deliveries: Sequence[Delivery], *, wait: timedelta) -> None:
        """Let jobs that failed in passing come again after a while."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadLetter:
    """A creation job that was set aside.

    Attributes:
        id: How people name it.
        receipt: How the queue knows that we hold it.
        job: `None` if the message holds none.
        reason: `None` if the queue itself set it aside, which knows no reasons.
    """

    id: str
    receipt: str
    job: CreationJob | None
    reason: str | None = None
    parked_at: datetime | None = None


class DeadLetters(Protocol):
    """Creation jobs that were set aside."""

    def take(self, limit: int) -> Sequence[DeadLetter]:
        """Return up to *limit* letters, which others do not see for a minute."""

    def put_back(self, letters: Sequence[DeadLetter]) -> None:
        """Let others see letters again, at once."""

    def remove(self, letters: Sequence[DeadLetter]) -> None:
        """Remove letters for good."""


class DomainNames(Protocol):
    """What is known of domain names."""

    def registrable(self, host: str) -> str | None:
        """Return the part of a host that somebody registered: `acme.co.uk` for `a.acme.co.uk`.

        Returns `None` for a bare public suffix, an address of numbers or no host at all.
        """

    def provides_mail(self, domain: str) -> bool:
        """Return whether a domain gives addresses to everybody: free mail, access, disposable.

        Args:
            domain: In lower case and ASCII.
        """


class Successor(Protocol):
    """The next invocation of the same function."""

    def start(self, payload: Mapping[str, object]) -> None:
        """Start it at once with this payload, without waiting for it."""
