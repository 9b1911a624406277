"""Passes: in which order the rows of contacts and companies are read and applied."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from counterpart.domain.records import SObject


class Rows(StrEnum):
    """Which rows of an object one pass reads."""

    ALL = "all"
    # Deleted, merged away or converted: they move links, and must do so before others create.
    GONE = "gone"
    LIVE = "live"


@dataclass(frozen=True, kw_only=True, slots=True)
class Pass:
    """One reading of one object.

    Attributes:
        object: By API name.
        stage: Before the first row of a stage is applied, the last one of each earlier stage is.
    """

    object: str
    rows: Rows
    stage: int

    @property
    def name(self) -> str:
        """Return the key under which its progress is kept."""
        return f"{self.object}:{self.rows}"


# In the order in which their pages are applied. Five, because one composite call carries five
# queries (REST API guide, "Composite"), so that an idle poll of everything costs one call.
PASSES = (
    # A Contact finds its company by its Account, and the contact of a lead that it was by the link
    # that has moved; and where a Contact and a lead share an address, the Contact comes first.
    Pass(object=SObject.ACCOUNT, rows=Rows.ALL, stage=0),
    Pass(object=SObject.CONTACT, rows=Rows.GONE, stage=0),
    Pass(object=SObject.LEAD, rows=Rows.GONE, stage=0),
    Pass(object=SObject.CONTACT, rows=Rows.LIVE, stage=1),
    Pass(object=SObject.LEAD, rows=Rows.LIVE, stage=2),
)

# In place of the first, where the data of Accounts is not taken: their links are kept up.
GONE_ACCOUNTS = Pass(object=SObject.ACCOUNT, rows=Rows.GONE, stage=0)
