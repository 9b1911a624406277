"""Finds campaigns by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simple_salesforce.format import format_soql

from counterpart.adapters.salesforce.queries import all_rows
from counterpart.ports.campaigns import CampaignFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from counterpart.adapters.salesforce.client import SalesforceClient

_QUERY = (
    "SELECT Id, Name, IsActive, Status FROM Campaign WHERE Name LIKE '%{:like}%'"
    " ORDER BY IsActive DESC, Name, Id LIMIT 50"
)


class SalesforceCampaignSearch:
    """Searches with SOQL; what somebody typed is quoted, wildcards and all."""

    def __init__(self, client: SalesforceClient) -> None:
        self._client = client

    def search(self, name: str) -> Sequence[CampaignFound]:
        rows = all_rows(self._client, [format_soql(_QUERY, name)], gone_too=False)
        return [
            CampaignFound(
                record_id=row["Id"],
                name=row["Name"],
                active=row["IsActive"],
                status=row["Status"],
            )
            for _, row in rows
        ]
