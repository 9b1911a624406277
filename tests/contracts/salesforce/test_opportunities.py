"""What every org promises about opportunities, and the roles that people have in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from counterpart.domain.opportunities import OPPORTUNITY, ROLE, ROLE_PATHS
from counterpart.domain.records import SObject

if TYPE_CHECKING:
    from counterpart.domain.records import PlainRecord
    from tests.contracts.salesforce.orgs import Org

MINUTE = 60.0


def a_contact(org: Org, **values: str) -> str:
    """Create a Contact as a person would."""
    return org.add(SObject.CONTACT, LastName="Lovelace", **values)


def a_deal(org: Org, account_id: str, stage: str = "Prospecting") -> str:
    """Create an opportunity as a person would."""
    return org.add(
        OPPORTUNITY, Name="Engine", AccountId=account_id, StageName=stage, CloseDate="2026-12-24"
    )


def a_role(org: Org, deal_id: str, contact_id: str) -> str:
    """Give a Contact a role in an opportunity."""
    return org.add(ROLE, OpportunityId=deal_id, ContactId=contact_id)


def deal(org: Org, deal_id: str) -> PlainRecord:
    """Return an opportunity as it is read."""
    paths = ["AccountId", "StageName", "IsClosed", "IsWon"]
    (found,) = org.plain.read_plain(OPPORTUNITY, paths, among={"Id": [deal_id]})
    return found


def role(org: Org, role_id: str) -> PlainRecord:
    """Return a role as it is read."""
    (found,) = org.plain.read_plain(ROLE, ROLE_PATHS, among={"Id": [role_id]})
    return found


@pytest.mark.parametrize(
    ("stage", "ended"),
    [
        ("Prospecting", (False, False)),
        ("Closed Won", (True, True)),
        ("Closed Lost", (True, False)),
    ],
)
def test_its_stage_says_whether_it_is_closed_and_won(
    org: Org, stage: str, ended: tuple[bool, bool]
) -> None:
    """Nobody writes that by hand."""
    account_id = org.add(SObject.ACCOUNT, Name="Acme")
    born, moved = a_deal(org, account_id, stage), a_deal(org, account_id)
    org.edit(moved, StageName=stage)

    for each in (born, moved):
        values = deal(org, each).values
        assert (values["IsClosed"], values["IsWon"]) == ended


def test_a_deleted_account_takes_its_opportunities_along_and_brings_them_back(org: Org) -> None:
    """With the roles in them, and its Contacts; each is stamped both times."""
    account_id = org.add(SObject.ACCOUNT, Name="Acme")
    contact_id = a_contact(org, AccountId=account_id)
    deal_id = a_deal(org, account_id)
    role_id = a_role(org, deal_id, contact_id)
    born = deal(org, deal_id).modstamp

    org.advance(MINUTE)
    org.delete(account_id)
    gone = (deal(org, deal_id), role(org, role_id))
    org.advance(MINUTE)
    org.undelete(account_id)
    back = (deal(org, deal_id), role(org, role_id))

    assert [each.deleted for each in gone] == [True, True]
    assert [each.deleted for each in back] == [False, False]
    assert born < gone[0].modstamp < back[0].modstamp
    assert not org.reader.read({SObject.CONTACT: [contact_id]}, ())[contact_id].deleted


def test_who_came_back_alone_goes_its_own_way(org: Org) -> None:
    """A Contact that went with its Account, came back and was merged since stays merged."""
    account_id = org.add(SObject.ACCOUNT, Name="Acme")
    ada, bob = a_contact(org, AccountId=account_id), a_contact(org)
    org.delete(ada)
    org.delete(account_id)
    org.undelete(ada)
    org.merge(bob, ada)

    org.undelete(account_id)

    assert org.reader.read({SObject.CONTACT: [ada]}, ())[ada].deleted


def test_a_deleted_contact_takes_its_roles_along_and_nothing_else(org: Org) -> None:
    """The opportunity stays; the role comes back with the Contact."""
    account_id = org.add(SObject.ACCOUNT, Name="Acme")
    contact_id = a_contact(org)
    deal_id = a_deal(org, account_id)
    role_id = a_role(org, deal_id, contact_id)

    org.delete(contact_id)
    gone = role(org, role_id).deleted
    org.undelete(contact_id)

    assert gone
    assert not role(org, role_id).deleted
    assert not deal(org, deal_id).deleted


def test_what_is_purged_takes_what_went_with_it(org: Org) -> None:
    """An Account's opportunities and roles are not read any more."""
    account_id = org.add(SObject.ACCOUNT, Name="Acme")
    deal_id = a_deal(org, account_id)
    role_id = a_role(org, deal_id, a_contact(org))

    org.delete(account_id)
    org.purge(account_id)

    assert not org.plain.read_plain(OPPORTUNITY, [], among={"Id": [deal_id]})
    assert not org.plain.read_plain(ROLE, [], among={"Id": [role_id]})


def test_what_was_the_losers_is_the_winners_after_a_merge(org: Org) -> None:
    """Opportunities of Accounts, roles of Contacts; no user has changed them by that."""
    winner, loser = (org.add(SObject.ACCOUNT, Name=name) for name in ("Acme", "Acme Ltd"))
    ada, bob = a_contact(org), a_contact(org)
    deal_id = a_deal(org, loser)
    role_id = a_role(org, deal_id, bob)
    born = deal(org, deal_id)

    org.advance(MINUTE)
    org.merge(winner, loser)
    org.merge(ada, bob)

    moved = deal(org, deal_id)
    assert moved.values["AccountId"] == winner
    assert moved.modstamp > born.modstamp
    assert moved.modified_at == born.modified_at
    assert role(org, role_id).values["ContactId"] == ada


def test_a_lead_may_become_an_opportunity_too(org: Org) -> None:
    """Of its Account, with its Contact in the primary role."""
    lead_id = org.add(SObject.LEAD, LastName="Lovelace", Company="Acme")

    contact_id, account_id = org.convert(lead_id, opportunity_name="Engine")

    found = org.plain.read_plain(OPPORTUNITY, ["Name"], among={"AccountId": [account_id]})
    roles = org.plain.read_plain(ROLE, ROLE_PATHS, among={"ContactId": [contact_id]})
    assert [each.values["Name"] for each in found] == ["Engine"]
    assert [(each.values["OpportunityId"], each.values["IsPrimary"]) for each in roles] == [
        (found[0].id, True)
    ]
