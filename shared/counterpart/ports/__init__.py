"""What the use cases need of the world, in the words of the domain.

Adapters fulfil these protocols; the memory ones do so too and are held to the same contract tests.
No vendor's exception, dictionary or client crosses a port: trouble arrives as an error of
`counterpart.errors`. Sequences keep their order; mappings leave out what was not found.
"""

from counterpart.ports.bookkeeping import (
    RunRepository,
    SettingsRepository,
    StreamRepository,
    ToldOutcome,
)
from counterpart.ports.creating import (
    AccountFound,
    AddressClaims,
    LookUp,
    NewRecord,
    PersonFound,
    RecordCreator,
)
from counterpart.ports.queues import CreationJob, CreationQueue, DeadLetter, DeadLetters, Delivery
from counterpart.ports.reading import (
    ApiUsage,
    FieldFacts,
    ObjectFacts,
    OrgSurvey,
    PageQuery,
    PlainQuery,
    PlainReader,
    Poll,
    RecordPage,
    RecordReader,
)
from counterpart.ports.stores import (
    CompanyRepository,
    ContactRepository,
    LinkClaim,
    LinkRepository,
    MergeRepository,
    OpportunityRepository,
)
from counterpart.ports.world import Clock, DomainNames, ErrandRunner, Item, Json, Listing, Successor
from counterpart.ports.writing import (
    WRITE_SIZE,
    JobProgress,
    JobResults,
    JobState,
    RecordChange,
    RecordJobs,
    RecordWriter,
    RowAnswer,
    WriteAnswer,
)

__all__ = [
    "WRITE_SIZE",
    "AccountFound",
    "AddressClaims",
    "ApiUsage",
    "Clock",
    "CompanyRepository",
    "ContactRepository",
    "CreationJob",
    "CreationQueue",
    "DeadLetter",
    "DeadLetters",
    "Delivery",
    "DomainNames",
    "ErrandRunner",
    "FieldFacts",
    "Item",
    "JobProgress",
    "JobResults",
    "JobState",
    "Json",
    "LinkClaim",
    "LinkRepository",
    "Listing",
    "LookUp",
    "MergeRepository",
    "NewRecord",
    "ObjectFacts",
    "OpportunityRepository",
    "OrgSurvey",
    "PageQuery",
    "PersonFound",
    "PlainQuery",
    "PlainReader",
    "Poll",
    "RecordChange",
    "RecordCreator",
    "RecordJobs",
    "RecordPage",
    "RecordReader",
    "RecordWriter",
    "RowAnswer",
    "RunRepository",
    "SettingsRepository",
    "StreamRepository",
    "Successor",
    "ToldOutcome",
    "WriteAnswer",
]
