"""Campaigns: the choice whether and with what one syncs, and the map of its statuses."""

from dataclasses import replace

import pytest

from counterpart.domain.campaign_edits import (
    CampaignEdit,
    SyncWish,
    edited,
    new_campaign,
    record_of,
)
from counterpart.domain.campaigns import (
    Campaign,
    CampaignCounterpart,
    CampaignLinkedBy,
    StatusMap,
    SyncOption,
)
from counterpart.domain.ids import to_18
from counterpart.errors import InputError
from tests.contracts.stores.samples import CAMPAIGN_ID, MINUTE, NOON, a_campaign, a_type

OTHER_ID = "701AB00000abcDFYAY"
NEW = SyncWish(option=SyncOption.NEW)
NONE = SyncWish(option=SyncOption.NONE)
EXISTING = SyncWish(option=SyncOption.EXISTING, record_id=CAMPAIGN_ID)
LATER = NOON + MINUTE


def choose(campaign: Campaign, wish: SyncWish) -> Campaign:
    """Return *campaign* after a choice."""
    return edited(campaign, CampaignEdit(sync=wish), campaign_type=a_type(), now=LATER)


def linked(wish: SyncWish, record_id: str = CAMPAIGN_ID) -> Campaign:
    """Return a campaign whose choice was carried out."""
    counterpart = CampaignCounterpart(
        record_id=record_id, linked_at=NOON, linked_by=CampaignLinkedBy.CHOICE
    )
    return replace(choose(a_campaign(), wish), counterpart=counterpart)


@pytest.mark.parametrize(
    ("wish", "record_id"), [(NONE, None), (NEW, None), (EXISTING, CAMPAIGN_ID)]
)
def test_a_choice_is_in_force_at_once(wish: SyncWish, record_id: str | None) -> None:
    """Its moment is remembered; without a sync there is none."""
    other = SyncWish(option=SyncOption.EXISTING, record_id=OTHER_ID)

    campaign = choose(linked(other, OTHER_ID), wish)

    assert campaign.syncs is (wish is not NONE)
    assert record_of(campaign) == record_id
    assert campaign.counterpart is None
    assert campaign.sync.chosen_at == (None if wish is NONE else LATER)


@pytest.mark.parametrize("wish", [NEW, EXISTING])
def test_the_same_choice_again_changes_nothing(wish: SyncWish) -> None:
    """A campaign that was made or found stays linked."""
    campaign = linked(wish)

    assert choose(campaign, wish) is campaign
    assert record_of(campaign) == CAMPAIGN_ID


def test_what_was_made_can_be_said_to_be_the_one() -> None:
    """The id of the counterpart that there is ends no sync."""
    campaign = linked(NEW)

    after = choose(campaign, EXISTING)

    assert after.counterpart == campaign.counterpart
    assert (after.sync.option, after.sync.record_id) == (SyncOption.EXISTING, CAMPAIGN_ID)


@pytest.mark.parametrize("wish", [NEW, EXISTING])
def test_a_choice_that_came_to_an_end_can_be_made_again(wish: SyncWish) -> None:
    """Until then nothing is tried."""
    before = linked(wish)
    sync = replace(before.sync, refusal="there is no such campaign")
    over = replace(before, sync=sync, counterpart=None)
    assert not over.syncs
    assert record_of(over) is None

    again = choose(over, wish)

    assert again.syncs
    assert again.sync.refusal is None


def test_a_short_id_is_the_same_campaign() -> None:
    """Ids have 18 characters inside."""
    short = SyncWish(option=SyncOption.EXISTING, record_id=CAMPAIGN_ID[:15])

    assert record_of(choose(a_campaign(), short)) == to_18(CAMPAIGN_ID[:15])


@pytest.mark.parametrize("record_id", [None, "", "701", "003AB00000abcDEYAY", "701AB00000abcDEIA!"])
def test_an_id_of_no_campaign(record_id: str | None) -> None:
    """It is refused before anything is tried."""
    with pytest.raises(InputError, match="must be the id of a Salesforce campaign"):
        choose(a_campaign(), SyncWish(option=SyncOption.EXISTING, record_id=record_id))


def test_a_new_campaign_is_as_it_was_asked_for() -> None:
    """Without a name there is none; without a choice it stays here."""
    made = new_campaign("spring", CampaignEdit(name=" Spring "), campaign_type=a_type(), now=NOON)

    assert (made.name, made.type_id, made.syncs, made.version) == ("Spring", "webinar", False, 0)
    with pytest.raises(InputError, match="must be a line"):
        new_campaign("spring", CampaignEdit(), campaign_type=a_type(), now=NOON)


def test_a_status_map_is_spelt_as_the_type_is() -> None:
    """It finds labels however they are spelt, in both directions."""
    wanted = StatusMap(to_theirs={"ATTENDED": " Responded "}, to_ours={"Sent": "invited"})

    campaign = edited(
        a_campaign(), CampaignEdit(status_map=wanted), campaign_type=a_type(), now=LATER
    )

    assert campaign.status_map == StatusMap(
        to_theirs={"Attended": "Responded"}, to_ours={"Sent": "Invited"}
    )
    assert campaign.status_map.theirs("attended") == "Responded"
    assert campaign.status_map.ours("SENT") == "Invited"
    assert campaign.status_map.ours("Attended") is None


@pytest.mark.parametrize(
    ("status_map", "refusal"),
    [
        (StatusMap(to_theirs={"VIP": "Sent"}), "'VIP' is not a status"),
        (StatusMap(to_ours={"Sent": "VIP"}), "'VIP' is not a status"),
        (StatusMap(to_theirs={"Invited": "x" * 41}), "1 to 40 characters"),
        (StatusMap(to_ours={" ": "Invited"}), "1 to 40 characters"),
        (StatusMap(to_theirs={"Invited": "A", "invited": "B"}), "there twice"),
        (StatusMap(to_ours={str(number): "Invited" for number in range(201)}), "200 entries"),
    ],
)
def test_a_status_map_that_is_not_allowed(status_map: StatusMap, refusal: str) -> None:
    """Ours have to exist; theirs have to be what a label of Salesforce may be."""
    with pytest.raises(InputError, match=refusal):
        edited(a_campaign(), CampaignEdit(status_map=status_map), campaign_type=a_type(), now=LATER)
