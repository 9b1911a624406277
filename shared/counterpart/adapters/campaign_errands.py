"""Finding Salesforce campaigns by way of the function that speaks to Salesforce."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from counterpart.errors import TransientError
from counterpart.ports.campaigns import CampaignFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from counterpart.ports import ErrandRunner


class ErrandCampaignSearch:
    """Asks `sync_campaigns`.

    Args:
        errands: Runs its payloads.
    """

    def __init__(self, errands: ErrandRunner) -> None:
        self._errands = errands

    def search(self, name: str) -> Sequence[CampaignFound]:
        told = self._errands.run({"search": name}).get("campaigns")
        if not isinstance(told, list):
            raise TransientError("the search for Salesforce campaigns told nothing")
        return [_found(one) for one in told]


def _found(told: Mapping[str, object]) -> CampaignFound:
    status = told.get("status")
    return CampaignFound(
        record_id=str(told["id"]),
        name=str(told["name"]),
        active=told["active"] is True,
        status=None if status is None else str(status),
    )
