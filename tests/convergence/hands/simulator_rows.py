"""What hands read of the simulator: whole rows, as its core holds them, past the API."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from counterpart.adapters.memory_schema import MARKER
from counterpart.adapters.salesforce.rows import EXTERNAL_ID
from counterpart.domain.bounces import BOUNCED_DATE
from counterpart.domain.opportunities import OPPORTUNITY, ROLE, ROLE_PATHS
from counterpart.domain.records import CampaignObject, SObject
from counterpart.domain.standard_fields import COMPANY_FIELDS
from simulator.org import ROOT
from tests.convergence.fields import CONTACT_FIELDS, TABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from counterpart.adapters.salesforce.rows import Row
    from simulator.org import Org

# More than a history makes.
_ALL_ROWS = 10_000
_COLUMNS = (
    "Id",
    "CreatedDate",
    "IsDeleted",
    "MasterRecordId",
    "LastModifiedDate",
    "SystemModstamp",
    EXTERNAL_ID,
)
_EXTRA = {
    SObject.ACCOUNT: (),
    SObject.CONTACT: ("AccountId", MARKER, BOUNCED_DATE),
    SObject.LEAD: ("IsConverted", "ConvertedContactId", MARKER, BOUNCED_DATE),
}


def _query(sobject: SObject) -> str:
    fields = COMPANY_FIELDS if sobject is SObject.ACCOUNT else CONTACT_FIELDS
    paths = {field.paths[sobject] for field in fields if sobject in field.paths}
    columns = sorted({*_COLUMNS, *_EXTRA[sobject], *paths})
    return f"SELECT {', '.join(columns)} FROM {sobject}"  # noqa: S608 - no input


QUERIES = [_query(sobject) for sobject in SObject]
_SYSTEM = "Id, IsDeleted, CreatedDate, LastModifiedDate, SystemModstamp"
_DEAL_PATHS = "Name, AccountId, Amount, StageName, CloseDate, IsClosed, IsWon"
DEAL_QUERIES = (
    f"SELECT {_SYSTEM}, {_DEAL_PATHS} FROM {OPPORTUNITY}",  # noqa: S608 - no input
    f"SELECT {_SYSTEM}, {', '.join(ROLE_PATHS)} FROM {ROLE}",  # noqa: S608 - no input
)
_CAMPAIGN_COLUMNS = {
    CampaignObject.CAMPAIGN: ("Name", "IsActive", EXTERNAL_ID),
    CampaignObject.MEMBER: (
        *("CampaignId", "LeadId", "ContactId", "Status", "HasResponded"),
        TABLE,
    ),
    CampaignObject.STATUS: ("CampaignId", "Label", "SortOrder", "IsDefault", "HasResponded"),
}
CAMPAIGN_QUERIES = {
    sobject: f"SELECT {_SYSTEM}, {', '.join(columns)} FROM {sobject}"  # noqa: S608 - no input
    for sobject, columns in _CAMPAIGN_COLUMNS.items()
}


def rows_of(core: Org, queries: Sequence[str]) -> Sequence[Row]:
    """Return what queries find, deleted rows included, whatever is hidden from our user."""
    found: list[Row] = []
    for query in queries:
        page = core.engine.run(
            query,
            schema=core.base,
            root=ROOT,
            user_id=core.admin_id,
            all_rows=True,
            page_size=_ALL_ROWS,
        )
        found += [_with_times(row) for row in page.records]
    return found


def _with_times(row: Mapping[str, Any]) -> Row:
    times = {
        name: datetime.fromisoformat(row[name])
        for name in ("CreatedDate", "LastModifiedDate", "SystemModstamp")
    }
    return {name: value for name, value in row.items() if name != "attributes"} | times
