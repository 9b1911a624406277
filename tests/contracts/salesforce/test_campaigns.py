"""What every org promises about campaigns, their statuses and their members."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from counterpart.domain.member_rows import (
    CONVERTED_CONTACT,
    member_paths,
    member_row,
    status_paths,
    their_status,
)
from counterpart.domain.records import CampaignObject, SObject
from counterpart.domain.refusals import Remedy
from counterpart.errors import TransientError
from counterpart.ports import RecordChange
from tests.contracts.salesforce.orgs import NOON

if TYPE_CHECKING:
    from counterpart.domain.member_rows import MemberRow, TheirStatus
    from tests.contracts.salesforce.orgs import Org


def a_lead(org: Org, name: str = "Lovelace") -> str:
    """Create a lead as a person would."""
    return org.add(SObject.LEAD, LastName=name, Company="Acme")


def statuses(org: Org, campaign_id: str) -> list[TheirStatus]:
    """Return the statuses of a campaign, in order."""
    records = org.plain.read_plain(
        CampaignObject.STATUS, status_paths(), among={"CampaignId": [campaign_id]}
    )
    found = [their_status(record) for record in records if not record.deleted]
    return sorted(found, key=lambda each: each.sort_order)


def members(org: Org, campaign_id: str) -> list[MemberRow]:
    """Return the rows of a campaign, deleted ones included."""
    records = org.plain.read_plain(
        CampaignObject.MEMBER, member_paths(()), among={"CampaignId": [campaign_id]}
    )
    return [member_row(record, ()) for record in records]


def test_a_campaign_is_made_once_under_our_id(org: Org) -> None:
    """And is born with two statuses, of which the first is the default."""
    first = org.campaigns.make_campaign("01J", {"Name": "Launch", "IsActive": True})
    second = org.campaigns.make_campaign("01J", {"Name": "Launch"})

    assert first.created
    assert first.record_id
    assert second.record_id == first.record_id
    assert not second.created
    assert [
        (each.label, each.default, each.responded) for each in statuses(org, first.record_id)
    ] == [
        ("Sent", True, False),
        ("Responded", False, True),
    ]


def test_statuses_are_made_changed_and_deleted(org: Org) -> None:
    """A new default takes over from the old one, which can be deleted then."""
    campaign_id = org.add(CampaignObject.CAMPAIGN, Name="Launch")
    sent, responded = statuses(org, campaign_id)

    made = org.campaigns.insert(
        CampaignObject.STATUS,
        [
            {
                "CampaignId": campaign_id,
                "Label": "Registered",
                "SortOrder": 3,
                "IsDefault": True,
                "HasResponded": False,
            },
            {"CampaignId": campaign_id, "Label": "sent", "SortOrder": 4},
        ],
    )
    changed = org.campaigns.update(
        [
            RecordChange(
                object=CampaignObject.STATUS, record_id=responded.record_id, values={"SortOrder": 9}
            )
        ]
    )
    gone = org.campaigns.delete([sent.record_id])

    assert made.rows[0].record_id
    assert made.rows[1].refusal
    assert made.rows[1].refusal.code == "DUPLICATE_VALUE"
    assert changed.rows[0].refusal is None
    assert gone.rows[0].refusal is None
    assert [(each.label, each.default) for each in statuses(org, campaign_id)] == [
        ("Registered", True),
        ("Responded", False),
    ]


def test_the_default_status_cannot_be_deleted(org: Org) -> None:
    """It is refused in words, and nothing to try again."""
    campaign_id = org.add(CampaignObject.CAMPAIGN, Name="Launch")
    default = statuses(org, campaign_id)[0]

    (answer,) = org.campaigns.delete([default.record_id]).rows

    assert answer.refusal
    assert answer.refusal.remedy is Remedy.SET_ASIDE


@pytest.mark.failure("F45")
def test_a_member_is_made_once(org: Org) -> None:
    """The second time it is a duplicate, and its neighbour is made all the same."""
    campaign_id = org.add(CampaignObject.CAMPAIGN, Name="Launch")
    ada, bob = a_lead(org), a_lead(org, "Babbage")
    row = {"CampaignId": campaign_id, "LeadId": ada, "Status": "Responded"}
    org.campaigns.insert(CampaignObject.MEMBER, [row])

    again = org.campaigns.insert(CampaignObject.MEMBER, [row, {**row, "LeadId": bob}]).rows

    assert again[0].refusal
    assert again[0].refusal.code == "DUPLICATE_VALUE"
    assert again[1].record_id
    assert {each.person_ids for each in members(org, campaign_id)} == {(ada,), (bob,)}
    assert all(each.responded for each in members(org, campaign_id))


def test_nobody_who_is_nowhere_becomes_a_member(org: Org) -> None:
    """And no row is made."""
    campaign_id = org.add(CampaignObject.CAMPAIGN, Name="Launch")
    ada = a_lead(org)
    org.purge(ada)

    row = {"CampaignId": campaign_id, "LeadId": ada, "Status": "Sent"}
    (answer,) = org.campaigns.insert(CampaignObject.MEMBER, [row]).rows

    assert answer.refusal
    assert answer.refusal.code == "INVALID_CROSS_REFERENCE_KEY"
    assert members(org, campaign_id) == []


def test_no_lead_that_was_converted_becomes_a_member(org: Org) -> None:
    """It is its Contact who may."""
    campaign_id = org.add(CampaignObject.CAMPAIGN, Name="Launch")
    ada = a_lead(org)
    org.convert(ada)

    row = {"CampaignId": campaign_id, "LeadId": ada, "Status": "Sent"}
    (answer,) = org.campaigns.insert(CampaignObject.MEMBER, [row]).rows

    assert answer.refusal
    assert answer.refusal.code == "CANNOT_UPDATE_CONVERTED_LEAD"
    assert members(org, campaign_id) == []


@pytest.mark.failure("F46")
def test_an_unknown_status_is_replaced_without_a_word(org: Org) -> None:
    """By the default of the campaign, both in a new row and in one that exists."""
    campaign_id = org.add(CampaignObject.CAMPAIGN, Name="Launch")
    row = {"CampaignId": campaign_id, "LeadId": a_lead(org), "Status": "VIP"}

    (made,) = org.campaigns.insert(CampaignObject.MEMBER, [row]).rows

    (member,) = members(org, campaign_id)
    assert member.id == made.record_id
    assert (member.status, member.responded, member.created_at) == ("Sent", False, NOON)

    def set_status(label: str) -> MemberRow:
        change = RecordChange(
            object=CampaignObject.MEMBER, record_id=member.id, values={"Status": label}
        )
        assert org.campaigns.update([change]).rows[0].refusal is None
        return members(org, campaign_id)[0]

    assert set_status("responded").status == "Responded"
    assert set_status("VIP").status == "Sent"


def test_a_deleted_member_is_seen_as_deleted(org: Org) -> None:
    """And deleting it again finds nothing to delete."""
    campaign_id = org.add(CampaignObject.CAMPAIGN, Name="Launch")
    row_id = org.add(CampaignObject.MEMBER, CampaignId=campaign_id, LeadId=a_lead(org))

    first = org.campaigns.delete([row_id]).rows[0]
    second = org.campaigns.delete([row_id]).rows[0]

    assert first.refusal is None
    assert second.refusal
    assert second.refusal.remedy is Remedy.RESOLVE
    assert [each.deleted for each in members(org, campaign_id)] == [True]


@pytest.mark.failure("F56")
def test_a_conversion_moves_the_membership(org: Org) -> None:
    """The row keeps its id, and is about the Contact from then on."""
    campaign_id = org.add(CampaignObject.CAMPAIGN, Name="Launch")
    lead_id = a_lead(org)
    row_id = org.add(CampaignObject.MEMBER, CampaignId=campaign_id, LeadId=lead_id)

    contact_id, _ = org.convert(lead_id)

    (member,) = members(org, campaign_id)
    assert member.id == row_id
    assert member.person_ids[0] == contact_id
    assert set(member.person_ids) == {contact_id, lead_id}


def test_a_conversion_passes_by_a_campaign_in_the_recycle_bin(org: Org) -> None:
    """The row goes on being about the lead, and is found by the Contact that this has become."""
    campaign_id = org.add(CampaignObject.CAMPAIGN, Name="Launch")
    lead_id = a_lead(org)
    row_id = org.add(CampaignObject.MEMBER, CampaignId=campaign_id, LeadId=lead_id)
    org.delete(campaign_id)
    contact_id, _ = org.convert(lead_id)
    org.undelete(campaign_id)

    found = {
        path: org.plain.read_plain(
            CampaignObject.MEMBER, ["Status"], among={"CampaignId": [campaign_id], path: [person]}
        )
        for path, person in (
            ("ContactId", contact_id),
            (CONVERTED_CONTACT, contact_id),
            ("LeadId", lead_id),
        )
    }

    ids = {path: [each.id for each in rows] for path, rows in found.items()}
    assert ids == {"ContactId": [], CONVERTED_CONTACT: [row_id], "LeadId": [row_id]}


def test_a_deleted_campaign_takes_its_members_along(org: Org) -> None:
    """And its statuses; it brings both back when it returns."""
    campaign_id = org.add(CampaignObject.CAMPAIGN, Name="Launch")
    org.add(CampaignObject.MEMBER, CampaignId=campaign_id, LeadId=a_lead(org))

    org.delete(campaign_id)
    gone = [each.deleted for each in members(org, campaign_id)]
    assert (gone, statuses(org, campaign_id)) == ([True], [])

    org.undelete(campaign_id)
    assert [each.deleted for each in members(org, campaign_id)] == [False]
    assert len(statuses(org, campaign_id)) == 2


def test_a_purged_campaign_leaves_nothing(org: Org) -> None:
    """Neither members nor statuses are read afterwards, not even as deleted."""
    campaign_id = org.add(CampaignObject.CAMPAIGN, Name="Launch")
    org.add(CampaignObject.MEMBER, CampaignId=campaign_id, LeadId=a_lead(org))

    org.delete(campaign_id)
    org.purge(campaign_id)

    assert members(org, campaign_id) == []
    assert statuses(org, campaign_id) == []


def test_a_deleted_account_takes_the_memberships_of_its_contacts_along(org: Org) -> None:
    """They go with their Contacts, which go with it."""
    campaign_id = org.add(CampaignObject.CAMPAIGN, Name="Launch")
    account_id = org.add(SObject.ACCOUNT, Name="Acme")
    contact_id = org.add(SObject.CONTACT, LastName="Lovelace", AccountId=account_id)
    org.add(CampaignObject.MEMBER, CampaignId=campaign_id, ContactId=contact_id)

    org.delete(account_id)

    assert [each.deleted for each in members(org, campaign_id)] == [True]


def test_late_changes_of_a_member_and_its_person_appear_together(org: Org) -> None:
    """Both transactions end in one moment, and neither keeps the other from being seen."""
    campaign_id = org.add(CampaignObject.CAMPAIGN, Name="Launch")
    lead_id = a_lead(org)
    row_id = org.add(CampaignObject.MEMBER, CampaignId=campaign_id, LeadId=lead_id)
    org.edit_slowly(row_id, seconds=60, Status="Responded")
    org.edit_slowly(lead_id, seconds=60, LastName="Byron")

    org.advance(120)

    assert [each.status for each in members(org, campaign_id)] == ["Responded"]
    assert org.values(lead_id)["LastName"] == "Byron"


@pytest.mark.failure("F55")
@pytest.mark.parametrize("winner_too", [True, False])
def test_a_merge_while_the_campaign_is_deleted(org: Org, *, winner_too: bool) -> None:
    """The membership comes back as the winner's, and nobody is a member twice."""
    campaign_id = org.add(CampaignObject.CAMPAIGN, Name="Launch")
    loser, winner = a_lead(org, "Byron"), a_lead(org)
    persons = [loser, winner] if winner_too else [loser]
    rows = [org.add(CampaignObject.MEMBER, CampaignId=campaign_id, LeadId=each) for each in persons]
    org.delete(campaign_id)

    org.merge(winner, loser)
    org.undelete(campaign_id)

    live = [each for each in members(org, campaign_id) if not each.deleted]
    assert [(each.id, each.person_ids) for each in live] == [(rows[-1], (winner,))]


def test_a_member_comes_back_when_campaign_and_person_are_back(org: Org) -> None:
    """Somebody who was deleted meanwhile is not brought back by the campaign alone."""
    campaign_id, lead_id = org.add(CampaignObject.CAMPAIGN, Name="Launch"), a_lead(org)
    org.add(CampaignObject.MEMBER, CampaignId=campaign_id, LeadId=lead_id)
    org.delete(campaign_id)
    org.delete(lead_id)

    org.undelete(campaign_id)
    without_the_lead = [each.deleted for each in members(org, campaign_id)]
    org.undelete(lead_id)

    assert without_the_lead == [True]
    assert [each.deleted for each in members(org, campaign_id)] == [False]


def test_a_write_whose_answer_is_lost_may_have_happened(org: Org) -> None:
    """The caller is told so."""
    campaign_id = org.add(CampaignObject.CAMPAIGN, Name="Launch")
    row = {"CampaignId": campaign_id, "LeadId": a_lead(org)}
    org.lose_answer()

    with pytest.raises(TransientError):
        org.campaigns.insert(CampaignObject.MEMBER, [row])

    assert len(members(org, campaign_id)) == 1


def test_campaigns_are_found_by_their_names(org: Org) -> None:
    """Whatever the case, active ones first; what somebody typed is no pattern."""
    for name, active in (("Launch A", False), ("The launch", True), ("100% off", True)):
        org.add(CampaignObject.CAMPAIGN, Name=name, IsActive=active)

    assert [(each.name, each.active) for each in org.search.search("LAUNCH")] == [
        ("The launch", True),
        ("Launch A", False),
    ]
    assert [each.name for each in org.search.search("%")] == ["100% off"]
    assert org.search.search("'") == []
