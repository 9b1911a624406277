"""Merges and conversions in an org in memory: a row ends, and another has what it had."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.adapters import memory_campaigns as campaigns
from counterpart.adapters import memory_opportunities as opportunities
from counterpart.adapters.memory_rows import object_of
from counterpart.adapters.memory_schema import SYSTEM
from counterpart.adapters.salesforce.rows import EXTERNAL_ID, IS_PERSON_ACCOUNT
from counterpart.domain.records import SObject

if TYPE_CHECKING:
    from counterpart.adapters.memory_org import MemoryOrg

# Where a lead's fields go when it is converted, if not to the field of the same name.
_MOVES = {"Street": "MailingStreet", "City": "MailingCity", "State": "MailingState"} | {
    "PostalCode": "MailingPostalCode",
    "Country": "MailingCountry",
}


def merge(org: MemoryOrg, winner_id: str, *loser_ids: str) -> None:
    """Merge rows into the first; what a loser had, such as Contacts, moves to the winner.

    Of person accounts, the Contacts behind them are merged as well.
    """
    for loser_id in loser_ids:
        for row in list(org.rows(SObject.CONTACT)):
            if row["AccountId"] == loser_id and row.get(IS_PERSON_ACCOUNT):
                merge(org, _person_of(org, winner_id), row["Id"])
            elif row["AccountId"] == loser_id:
                org.edit(row["Id"], {"AccountId": winner_id})
        if object_of(loser_id) != SObject.ACCOUNT:
            campaigns.move_members(org, object_of(loser_id), loser_id, winner_id)
        opportunities.move(org, loser_id, winner_id)
        org.edit(loser_id, {"IsDeleted": True, "MasterRecordId": winner_id})
    org.edit(winner_id, {})


def _person_of(org: MemoryOrg, account_id: str) -> str:
    """Return the Contact behind a person account."""
    rows = org.rows(SObject.CONTACT)
    return next(
        str(row["Id"])
        for row in rows
        if row["AccountId"] == account_id and row.get(IS_PERSON_ACCOUNT)
    )


def convert(
    org: MemoryOrg,
    lead_id: str,
    *,
    account_id: str | None = None,
    contact_id: str | None = None,
    opportunity_name: str | None = None,
) -> str:
    """Convert a lead and return the Contact's id; only blanks of an existing one are filled."""
    lead = org.row(lead_id)
    if contact_id is not None:
        account_id = account_id or org.row(contact_id)["AccountId"]
    account_id = account_id or org.add(SObject.ACCOUNT, {"Name": lead["Company"]})
    known = org.types[SObject.CONTACT].keys() - SYSTEM.keys() - {EXTERNAL_ID}
    moved = {_MOVES.get(name, name): value for name, value in lead.items()}
    person = {name: moved[name] for name in known & moved.keys()}
    if contact_id is None:
        contact_id = org.add(SObject.CONTACT, person | {"AccountId": account_id})
    else:
        there = org.row(contact_id)
        blanks = {name: value for name, value in person.items() if there[name] is None}
        org.edit(contact_id, blanks | {"AccountId": there["AccountId"] or account_id})
    org.edit(
        lead_id,
        {
            "IsConverted": True,
            "ConvertedAccountId": account_id,
            "ConvertedContactId": contact_id,
        },
    )
    if opportunity_name:
        opportunities.of_lead(org, opportunity_name, account_id=account_id, contact_id=contact_id)
    campaigns.convert_members(org, lead_id, contact_id)
    return contact_id
