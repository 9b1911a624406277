"""What hangs on people: opportunities with their contact roles, campaigns with their members."""

from datetime import timedelta
from typing import TYPE_CHECKING

from simulator.records.derive import FORECAST, PROBABILITY
from simulator.records.members import FIRST_STATUSES

if TYPE_CHECKING:
    from simulator.seed.world import Planter

CAMPAIGNS = (("Spring Webinar", "Webinar"), ("Trade Fair", "Trade Show"), ("Newsletter", "Email"))
STATUSES = (*FIRST_STATUSES, ("Registered", False, False), ("Attended", False, True))
ROLES = ("Decision Maker", "Business User", "Evaluator")
MEMBERS_OF_THOUSAND, THOUSAND = 120, 1_000


def add_opportunities(
    planter: "Planter", contacts: list[tuple[str, str | None]], count: int
) -> dict[str, int]:
    """Add opportunities of the contacts' accounts, each with one contact role."""
    objects, dice = planter.org.base.objects, planter.dice
    owned = [(contact, account) for contact, account in contacts if account is not None]
    for number in range(count if owned else 0):
        contact_id, account_id = dice.choice(owned)
        stage = dice.choice(list(PROBABILITY))
        closing = planter.end + timedelta(days=dice.randrange(-200, 200))
        opportunity = planter.add(
            objects["Opportunity"],
            {
                "Name": f"Order {number + 1}",
                "AccountId": account_id,
                "StageName": stage,
                "Amount": float(dice.randrange(1, 400) * 250),
                "Probability": PROBABILITY[stage],
                "ForecastCategoryName": FORECAST.get(stage, "Pipeline"),
                "CloseDate": closing.date().isoformat(),
            },
        )
        planter.add(
            objects["OpportunityContactRole"],
            {
                "OpportunityId": opportunity,
                "ContactId": contact_id,
                "Role": dice.choice(ROLES),
                "IsPrimary": 1,
            },
        )
    planter.flush()
    return {"Opportunity": planter.made.get("Opportunity", 0)}


def add_campaigns(planter: "Planter", contacts: list[tuple[str, str | None]]) -> dict[str, int]:
    """Add campaigns with statuses of their own and some of the contacts as members."""
    objects, dice = planter.org.base.objects, planter.dice
    for name, kind in CAMPAIGNS:
        campaign_id = planter.add(
            objects["Campaign"],
            {"Name": name, "Type": kind, "IsActive": 1, "Status": "In Progress"},
        )
        for position, (label, default, responded) in enumerate(STATUSES, 1):
            planter.add(
                objects["CampaignMemberStatus"],
                {
                    "CampaignId": campaign_id,
                    "Label": label,
                    "SortOrder": position,
                    "IsDefault": int(default),
                    "HasResponded": int(responded),
                },
            )
        for contact_id, _ in contacts:
            if dice.randrange(THOUSAND) < MEMBERS_OF_THOUSAND:
                label, _, responded = dice.choice(STATUSES)
                planter.add(
                    objects["CampaignMember"],
                    {
                        "CampaignId": campaign_id,
                        "ContactId": contact_id,
                        "Status": label,
                        "HasResponded": int(responded),
                    },
                )
        planter.flush()
    return {
        "Campaign": planter.made.get("Campaign", 0),
        "CampaignMember": planter.made.get("CampaignMember", 0),
    }
