"""What people and accidents can do in an org, whichever it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from counterpart.adapters.salesforce.rows import Row
    from counterpart.domain.records import CampaignObject
    from counterpart.ports import (
        OrgSurvey,
        PlainReader,
        RecordCreator,
        RecordJobs,
        RecordReader,
        RecordWriter,
    )
    from counterpart.ports.campaigns import CampaignWriter

# What automation in the org does to a title, right after anybody wrote it.
RAW, NEAT = "raw", "neat"
PAGE_SIZE = 3

# What becomes of bulk jobs: they end at once; after a while; after one row; the org lets us have
# none; the next answer about one is lost; those that are open are not known any more.
JOB_WAYS = ("work", "drag", "fail", "refuse", "lose", "forget")
JOBS_DRAG = 90


class Hands(Protocol):
    """What people and accidents do in an org. What they cannot do just now returns `False`."""

    reader: RecordReader
    plain: PlainReader
    writer: RecordWriter
    creator: RecordCreator
    jobs: RecordJobs
    campaigns: CampaignWriter
    survey: OrgSurvey

    def now(self) -> datetime:
        """Return the org's time, in whole seconds."""

    def tick(self) -> None:
        """Notice that time has passed: transactions that are due commit."""

    def rows(self) -> Sequence[Row]:
        """Return every row, deleted ones included, by API names and with times."""

    def deals(self) -> Sequence[Row]:
        """Return every opportunity, and then every role in one, deleted ones included."""

    def campaign_rows(self, sobject: CampaignObject) -> Sequence[Row]:
        """Return every campaign, status or member there, deleted ones included."""

    def are_members_under_way(self) -> bool:
        """Return whether a transaction has written a member and is not seen yet.

        Who meddles with its campaign or its person would have to wait for it.
        """

    def add(self, sobject: str, values: Mapping[str, Any], late: float) -> str | None:
        """Create a row, which appears *late* seconds after its stamp."""

    def edit(self, record_id: str, values: Mapping[str, Any], late: float) -> bool:
        """Change a row, which is seen *late* seconds after its stamp."""

    def touch(self, record_id: str) -> bool:
        """Move `SystemModstamp` alone."""

    def delete(self, record_id: str) -> bool:
        """Put a row into the recycle bin."""

    def undelete(self, record_id: str) -> bool:
        """Take a row out of the recycle bin."""

    def purge(self, record_id: str) -> bool:
        """Delete a row for good."""

    def merge(self, winner_id: str, loser_id: str) -> bool:
        """Merge one row into another."""

    def convert(self, lead_id: str, contact_id: str | None, deal: str | None = None) -> str | None:
        """Convert a lead, into an existing Contact if one is given; to a deal if it is named."""

    def bounce(self, record_id: str) -> bool:
        """Note that mail to a person came back."""

    def hide(self, hidden: Sequence[str]) -> None:
        """Let our user see everything but these fields, such as `Lead.Title`."""

    def fix(self, fixed: Sequence[str]) -> None:
        """Let our user read these fields and not write them."""

    def bar(self, barred: Sequence[str]) -> None:
        """Let our user see nothing at all of these objects."""

    def mind_duplicates(self, rule: str) -> None:
        """Set what the org does about records that look alike: `off`, `alert` or `block`."""

    def accident(self, kind: str, times: int) -> None:
        """Let something go wrong with one of our next calls."""

    def let_jobs(self, how: str) -> None:
        """Let bulk jobs work as in `JOB_WAYS`."""

    def heal(self) -> None:
        """End all accidents, and show everything."""
