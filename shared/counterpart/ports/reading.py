"""Reading from Salesforce: pages of what changed, records by id, what an org has."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Protocol

from counterpart.domain.mapping import FieldMapping
from counterpart.domain.passes import Rows
from counterpart.domain.places import Place
from counterpart.domain.records import PlainRecord, Record, SObject
from counterpart.domain.selection import Selection
from counterpart.domain.windows import PAGE_SIZE, Keyset
from counterpart.ports.world import Item


@dataclass(frozen=True, kw_only=True, slots=True)
class PageQuery:
    """One page of one object, in the order (`SystemModstamp`, `Id`), deleted rows included.

    Attributes:
        fields: What to read into `Record.values`, besides what every record carries.
        lower: Rows stamped at or after it; `None` for no bound.
        upper: Rows stamped before it; `None` for no bound.
        after: Rows that come later in the order than this one.
        selection: Narrows the live rows; rows that are gone are never narrowed.
        live_from: Live rows stamped at or after it; `None` for no further bound than *lower*.
        ids: These alone, 18 characters each; empty for no bound.
        became: Leads alone that were converted to one of these Contacts; empty for no bound.
        ticked: The checkbox, by its API name, that is ticked in them; empty for no bound.
    """

    object: SObject
    rows: Rows
    fields: Sequence[FieldMapping]
    lower: datetime | None = None
    upper: datetime | None = None
    after: Keyset | None = None
    selection: Selection | None = None
    live_from: datetime | None = None
    ids: Collection[str] = ()
    became: Collection[str] = ()
    ticked: str = ""
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
        scale: Of a number, the digits behind the point; `None` where that says nothing.
        calculated: A formula or a roll-up.
        rich: Rich text, which is HTML.
        masked: Our user sees a mask in place of its values, as far as a survey has asked.
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
    scale: int | None = None
    calculated: bool = False
    rich: bool = False
    masked: bool = False

    @property
    def place(self) -> Place:
        """Return it as a place for values of ours."""
        return Place(
            type=self.type,
            length=self.length,
            scale=self.scale,
            choices=self.choices,
            writable=self.createable and self.updateable,
            calculated=self.calculated,
            rich=self.rich,
            masked=self.masked,
        )


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
        """Answer one to five queries with one API call, which may describe some objects as well.

        Raises:
            MissingFieldError: a field of a query does not exist for our user.
            ValueError: there is no query, or there are more than five.
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

    def describe(self, sobject: str) -> Mapping[str, FieldFacts]:
        """Return what our user may see of an object, by API name of the field.

        Asks Salesforce once in the life of the process.

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

    def hidden(self, sobject: str, paths: Collection[str]) -> Collection[str]:
        """Return which of these fields, or of a parent's by dotted paths, our user does not see.

        Says how it is now, whatever was known of the object before.

        Raises:
            MissingFieldError: the object does not exist for our user.
        """

    def describe(self, sobject: str) -> Mapping[str, FieldFacts]:
        """Return what our user may see of an object, by API name of the field."""

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
