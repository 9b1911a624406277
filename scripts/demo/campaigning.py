"""Steps in which a campaign is kept in step."""

from collections.abc import Callable

from scripts.demo.cast import Cast
from scripts.demo.stack import Json, wait_until
from scripts.demo.telling import Step

_API = "/services/data/v66.0/sobjects"
_STATUSES = (("Registered", False), ("Attended", True))


def follow_campaign(cast: Cast, step: Step) -> None:
    """A campaign that exists in Salesforce is linked, and its people come in."""
    people = [cast.next_linked(sobject) for sobject in ("Contact", "Lead", "Contact")]
    cast.campaign_record = _create(cast, "Campaign", Name=f"Open day {cast.tag}", IsActive=True)
    for place, (label, responded) in enumerate(_STATUSES, start=3):
        _create(
            cast,
            "CampaignMemberStatus",
            CampaignId=cast.campaign_record,
            Label=label,
            SortOrder=place,
            HasResponded=responded,
        )
    for (row, _), label in zip(people[:2], ("Attended", "Sent"), strict=True):
        _enrol(cast, row, label)
    stranger = _create(cast, "Lead", LastName="Nobody", Company="Nowhere")
    _enrol(cast, {"Id": stranger}, "Attended")
    step.tell("In Salesforce, a campaign has three members: one attended, one was only sent an")
    step.tell("invitation, and one has no address, so nobody here knows that lead.")

    kind = cast.stack.api.call(
        "POST",
        "/campaign-types",
        {
            "name": f"Open day {cast.tag}",
            "statuses": [{"label": label, "success": success} for label, success in _STATUSES],
        },
    )
    campaign = cast.stack.api.call(
        "POST",
        "/campaigns",
        {
            "name": "Open day",
            "type_id": kind["id"],
            "sync": {"option": "existing", "salesforce_id": cast.campaign_record},
        },
    )
    cast.campaign_id = campaign["id"]
    added = {"contact_id": people[2][1]["id"], "status": "Registered"}
    cast.stack.api.call("POST", f"/campaigns/{cast.campaign_id}/members", added)
    step.tell("A program makes a campaign with one member that is to sync with it.")
    _sync_until(cast, lambda: len(_here(cast)) == len(_there(cast)) - 1 == len(people))

    cast.campaign_people = people
    ids = [contact["id"] for _, contact in people]
    step.verify(
        "here are the two who are contacts, one of them with our default, and our own",
        expected=dict(zip(ids, ("Attended", "Registered", "Registered"), strict=True)),
        found=_here(cast),
    )
    step.verify(
        "Salesforce has our member too, and kept its own status where ours is a fallback",
        expected=["Attended", "Sent", "Registered"],
        found=[_there(cast).get(row["Id"]) for row, _ in people],
    )


def move_members(cast: Cast, step: Step) -> None:
    """Statuses and removals cross both ways."""
    (first, one), (second, other), (third, last) = cast.campaign_people
    members = f"/campaigns/{cast.campaign_id}/members"
    step.tell(
        f"A program says that {third['FirstName']} attended, and removes {first['FirstName']};"
    )
    step.tell(f"in Salesforce, somebody sets {second['FirstName']} to Attended.")
    cast.stack.api.call("PATCH", f"{members}/{last['id']}", {"status": "Attended"})
    cast.stack.api.call("DELETE", f"{members}/{one['id']}")
    (row,) = cast.stack.salesforce.query(
        f"SELECT Id FROM CampaignMember WHERE CampaignId = '{cast.campaign_record}'"  # noqa: S608
        f" AND LeadId = '{second['Id']}'"
    )
    cast.stack.salesforce.edit("CampaignMember", row["Id"], {"Status": "Attended"})
    wanted = dict.fromkeys((other["id"], last["id"]), "Attended")
    _sync_until(cast, lambda: _here(cast) == wanted and first["Id"] not in _there(cast))

    step.verify(
        "here, both have attended, and nobody else is left", expected=wanted, found=_here(cast)
    )
    there = _there(cast)
    step.verify(
        "Salesforce says the same",
        expected=("Attended", "Attended", None),
        found=(there.get(second["Id"]), there.get(third["Id"]), there.get(first["Id"])),
    )
    responded = cast.stack.salesforce.query(
        f"SELECT Id FROM CampaignMember WHERE CampaignId = '{cast.campaign_record}'"  # noqa: S608
        f" AND ContactId = '{third['Id']}' AND HasResponded = true"
    )
    step.verify("and counts our member among the responses", expected=1, found=len(responded))


def _create(cast: Cast, sobject: str, **values: object) -> str:
    return str(cast.stack.salesforce.call("POST", f"{_API}/{sobject}", values)["id"])


def _enrol(cast: Cast, person: Json, label: str) -> None:
    path = "ContactId" if person["Id"].startswith("003") else "LeadId"
    member = {"CampaignId": cast.campaign_record, path: person["Id"], "Status": label}
    _create(cast, "CampaignMember", **member)


def _sync_until(cast: Cast, done: Callable[[], bool]) -> None:
    """Sync the campaign until it is *done*; the schedule may be at it at this moment."""

    def look() -> bool:
        cast.stack.invoke("sync_campaigns", {"campaign_id": cast.campaign_id})
        return done()

    wait_until(look)


def _here(cast: Cast) -> dict[str, str]:
    """Return the status of each member here, by contact."""
    listing = cast.stack.api.call("GET", f"/campaigns/{cast.campaign_id}/members")
    return {each["contact_id"]: each["status"] for each in listing["items"]}


def _there(cast: Cast) -> dict[str, str]:
    """Return the status of each member in Salesforce, by record."""
    rows = cast.stack.salesforce.query(
        "SELECT ContactId, LeadId, Status FROM CampaignMember"  # noqa: S608 - our own
        f" WHERE CampaignId = '{cast.campaign_record}'"
    )
    return {row["ContactId"] or row["LeadId"]: row["Status"] for row in rows}
