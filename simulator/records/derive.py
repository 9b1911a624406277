"""What single objects work out for themselves when one of their records is saved."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from simulator.records import members
from simulator.store import Row

if TYPE_CHECKING:
    from simulator.org import Org

# A rule gets the org, the row as it will be, and the row as it was before an update.
Rule = Callable[["Org", Row, Row | None], None]

PROBABILITY = {
    "Prospecting": 10.0,
    "Qualification": 10.0,
    "Needs Analysis": 20.0,
    "Value Proposition": 50.0,
    "Id. Decision Makers": 60.0,
    "Perception Analysis": 70.0,
    "Proposal/Price Quote": 75.0,
    "Negotiation/Review": 90.0,
    "Closed Won": 100.0,
    "Closed Lost": 0.0,
}
FORECAST = {
    "Closed Won": "Closed",
    "Closed Lost": "Omitted",
    "Perception Analysis": "Best Case",
    "Proposal/Price Quote": "Best Case",
    "Negotiation/Review": "Commit",
}


def _full_name(_org: "Org", row: Row, _before: Row | None) -> None:
    parts = [row.get("FirstName"), row.get("LastName")]
    row["Name"] = " ".join(part for part in parts if part) or None


def _person(org: "Org", row: Row, before: Row | None) -> None:
    _full_name(org, row, before)
    # A bounce is about an address, so it goes when the address does.
    if before is not None and row.get("Email") != before.get("Email"):
        row["EmailBouncedReason"] = row["EmailBouncedDate"] = None


def _opportunity(_org: "Org", row: Row, before: Row | None) -> None:
    stage = row.get("StageName")
    if before is not None and before.get("StageName") == stage:
        return
    given = before is None and row.get("Probability") is not None
    if not given:
        row["Probability"] = PROBABILITY.get(str(stage), 10.0)
    row["ForecastCategoryName"] = FORECAST.get(str(stage), "Pipeline")
    if before is not None:
        row["LastStageChangeDate"] = row["SystemModstamp"]


def _task(_org: "Org", row: Row, _before: Row | None) -> None:
    done = row.get("Status") == "Completed"
    row["CompletedDateTime"] = (
        (row.get("CompletedDateTime") or row["SystemModstamp"]) if done else None
    )


RULES: dict[str, Rule] = {
    "CampaignMember": members.settle_member,
    "CampaignMemberStatus": members.settle_status,
    "Contact": _person,
    "Lead": _person,
    "Opportunity": _opportunity,
    "Task": _task,
    "User": _full_name,
}
