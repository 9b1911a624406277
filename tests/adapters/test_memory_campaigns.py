"""What the stores of campaigns in memory offer besides the ports: hooks, lag, no tampering."""

from typing import Any

import pytest

from counterpart.adapters import memory
from counterpart.domain.campaigns import StatusMap, SyncChoice, SyncOption
from counterpart.domain.contacts import Ledger
from counterpart.domain.members import MemberKey
from counterpart.domain.waiting import Lane
from tests.contracts.stores.samples import (
    CAMPAIGN_ID,
    NOON,
    a_campaign,
    a_member,
    a_member_counterpart,
    a_type,
    due,
)

ADA = MemberKey("spring", "ada")


def test_every_write_has_a_name_on_both_sides() -> None:
    """A test that counts writes can cut between any two of them; a refused one has not happened."""
    before: list[str] = []
    after: list[str] = []
    hooks: dict[str, Any] = {"before_write": before.append, "after_write": after.append}
    types = memory.InMemoryCampaignTypeRepository(**hooks)
    campaigns = memory.InMemoryCampaignRepository(**hooks)
    members = memory.InMemoryMemberRepository(a_member("bob"), **hooks)

    types.save(a_type())
    campaigns.save(a_campaign())
    campaigns.claim(CAMPAIGN_ID, campaign_id="spring")
    campaigns.release(CAMPAIGN_ID, campaign_id="spring")
    campaigns.delete(a_campaign(version=1), now=NOON)
    campaigns.has_left("spring")
    members.save_many([a_member()])
    members.delete_many([a_member(version=1)])
    happened = [
        "campaign_types.save",
        "campaigns.save",
        "campaigns.claim",
        "campaigns.release",
        "campaigns.delete",
        "campaigns.has_left",
        "members.save",
        "members.delete",
    ]
    assert (before, after) == (happened, happened)

    campaigns.release(CAMPAIGN_ID, campaign_id="spring")
    members.save_many([a_member(version=1)])
    members.delete_many([a_member(version=1)])
    assert len(before) == len(happened) + 3
    assert after == happened


def test_indexes_of_members_may_lag_behind() -> None:
    """They learn of writes in order; the members themselves are as they are now."""
    members = memory.InMemoryMemberRepository(lagging_index=True)
    waiting = a_member(waiting=due(NOON), counterpart=a_member_counterpart())
    members.save_many([waiting])
    members.save_many([a_member(status="Attended", version=1)])

    def found() -> list[bool]:
        listed = members.page_of_status("spring", "Invited", limit=9)
        return [
            bool(members.find_by_contact(["ada"])),
            bool(members.find_by_record({a_member_counterpart().record_id: "spring"})),
            bool(listed.items),
            members.count(["spring"], "Invited") == 1,
            bool(members.waiting("spring", Lane.FRESH, until=NOON, limit=9)),
        ]

    assert members.page("spring", limit=9).items[0].status == "Attended"
    assert found() == [False] * 5
    members.catch_up(1)
    # The index has it under what it no longer is; whoever reads the member itself sees that.
    assert found() == [True, False, False, True, True]
    members.catch_up()
    assert found() == [True, False, False, False, False]


def test_a_deleted_member_is_found_no_more() -> None:
    """Also by an index that has not learned of it."""
    members = memory.InMemoryMemberRepository(a_member(), lagging_index=True)

    members.delete_many([a_member(version=1)])

    assert members.find_by_contact(["ada"]) == {}
    assert members.page_of_status("spring", "Invited", limit=9).items == []
    assert members.page("spring", limit=9).items == []


def test_indexes_of_campaigns_may_lag_behind() -> None:
    """One that has just begun to sync is seen a little later."""
    campaigns = memory.InMemoryCampaignRepository(lagging_index=True)
    campaigns.save(a_campaign(sync=SyncChoice(option=SyncOption.NEW)))

    assert campaigns.syncing() == []
    assert campaigns.page(type_id="webinar", limit=9).items == []
    campaigns.catch_up()
    assert campaigns.syncing() == ["spring"]
    assert len(campaigns.page(type_id="webinar", limit=9).items) == 1


def test_nobody_changes_from_outside_what_is_stored() -> None:
    """Neither what was handed in, nor what was handed out."""
    values, labels = {"seat": "7"}, {"Invited": "Sent"}
    members = memory.InMemoryMemberRepository(a_member(ledger=Ledger(values=values)))
    campaigns = memory.InMemoryCampaignRepository(
        a_campaign(status_map=StatusMap(to_theirs=labels))
    )
    values["seat"] = "8"
    labels["Invited"] = "Open"

    member = members.get_many([ADA])[ADA]
    campaign = campaigns.get_many(["spring"])["spring"]

    assert member.ledger.values == {"seat": "7"}
    assert campaign.status_map.to_theirs == {"Invited": "Sent"}
    with pytest.raises(TypeError):
        member.ledger.values["seat"] = "9"  # type: ignore[index] # what must not be possible
    with pytest.raises(TypeError):
        campaign.status_map.to_theirs["Invited"] = "Open"  # type: ignore[index] # likewise
