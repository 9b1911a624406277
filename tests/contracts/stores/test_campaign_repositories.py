"""What every repository of campaigns and of their types does."""

from dataclasses import replace

import pytest

from counterpart.domain.campaigns import (
    Campaign,
    CampaignCounterpart,
    CampaignLinkedBy,
    DeletedCampaign,
    MemberStatus,
    Removal,
    StatusMap,
    SyncChoice,
    SyncOption,
)
from counterpart.errors import ChangedMeanwhileError, InputError
from counterpart.ports.campaigns import CampaignRepository, CampaignTypeRepository
from tests.contracts.stores.samples import CAMPAIGN_ID, MINUTE, NOON, a_campaign, a_type


def test_a_type_comes_back_whole(campaign_types: CampaignTypeRepository) -> None:
    """Nothing of a type is lost or changed, but for its version."""
    webinar = a_type(
        description="Online; “live”",
        statuses=(MemberStatus(label="Invited"), MemberStatus(label="Came", success=True)),
        removals=(
            Removal(label="Attended", replacement="Came", removed_at=NOON),
            Removal(label="Left", replacement="Came", removed_at=NOON + MINUTE, settled=True),
        ),
        updated_at=NOON.replace(microsecond=5),
        request_key="key",
        deleted_at=NOON + 2 * MINUTE,
    )

    campaign_types.save(webinar)
    campaign_types.save(a_type("bare"))

    assert campaign_types.get_many(["webinar", "bare", "unknown"]) == {
        "webinar": replace(webinar, version=1),
        "bare": a_type("bare", version=1),
    }


def test_a_campaign_comes_back_whole(campaigns: CampaignRepository) -> None:
    """Nothing of a campaign is lost or changed, but for its version."""
    spring = Campaign(
        id="spring",
        name="Spring webinar",
        type_id="webinar",
        created_at=NOON,
        updated_at=NOON.replace(microsecond=5),
        sync=SyncChoice(
            option=SyncOption.EXISTING, chosen_at=NOON, record_id=CAMPAIGN_ID, refusal="gone"
        ),
        counterpart=CampaignCounterpart(
            record_id=CAMPAIGN_ID,
            linked_at=NOON,
            linked_by=CampaignLinkedBy.CHOICE,
            followed_from=NOON + 4 * MINUTE,
        ),
        status_map=StatusMap(to_theirs={"invited": "Sent"}, to_ours={"sent": "Invited"}),
        request_key="key",
    )

    campaigns.save(spring)
    campaigns.save(a_campaign("bare"))

    assert campaigns.get_many(["spring", "bare", "unknown"]) == {
        "spring": replace(spring, version=1),
        "bare": a_campaign("bare", version=1),
    }


def test_a_campaign_or_type_that_changed_meanwhile_is_not_stored(
    campaigns: CampaignRepository, campaign_types: CampaignTypeRepository
) -> None:
    """Neither is one that is said to be new and is not."""
    campaigns.save(a_campaign())
    campaign_types.save(a_type())

    for version in (0, 2):
        with pytest.raises(ChangedMeanwhileError):
            campaigns.save(a_campaign(name="Other", version=version))
        with pytest.raises(ChangedMeanwhileError):
            campaign_types.save(a_type(name="Other", version=version))
    campaigns.save(a_campaign(name="Autumn webinar", version=1))
    campaign_types.save(a_type(name="Seminar", version=1))

    assert campaigns.get_many(["spring"])["spring"].name == "Autumn webinar"
    assert campaign_types.get_many(["webinar"])["webinar"].name == "Seminar"


def test_pages_follow_the_ids(
    campaigns: CampaignRepository, campaign_types: CampaignTypeRepository
) -> None:
    """Following the tokens shows everything in order, and nothing twice."""
    for name in ("c", "a", "b"):
        campaigns.save(a_campaign(name))
        campaign_types.save(a_type(name))

    first = campaigns.page(limit=2)
    second = campaigns.page(limit=2, after=first.next)
    assert [[each.id for each in page.items] for page in (first, second)] == [["a", "b"], ["c"]]
    assert second.next is None

    types = campaign_types.page(limit=2)
    assert [each.id for each in types.items] == ["a", "b"]
    assert [each.id for each in campaign_types.page(limit=2, after=types.next).items] == ["c"]
    with pytest.raises(InputError):
        campaigns.page(limit=2, after="nonsense")
    with pytest.raises(InputError):
        campaign_types.page(limit=2, after="nonsense")


def test_campaigns_of_one_type(campaigns: CampaignRepository) -> None:
    """Page by page, in the order of their ids."""
    for name, type_id in (("c", "webinar"), ("a", "webinar"), ("b", "fair"), ("d", "webinar")):
        campaigns.save(a_campaign(name, type_id=type_id))

    first = campaigns.page(type_id="webinar", limit=2)
    second = campaigns.page(type_id="webinar", limit=2, after=first.next)

    assert [each.id for each in first.items] == ["a", "c"]
    assert [each.id for each in second.items] == ["d"]
    assert second.next is None
    assert campaigns.page(type_id="unknown", limit=2).items == []


def test_campaigns_sync_from_the_choice_to_its_end(campaigns: CampaignRepository) -> None:
    """One that was refused is left alone until somebody chooses again."""
    chosen = SyncChoice(option=SyncOption.NEW, chosen_at=NOON)
    campaigns.save(a_campaign("b", sync=chosen))
    campaigns.save(a_campaign("a", sync=chosen))
    campaigns.save(a_campaign("refused", sync=replace(chosen, refusal="no permission")))
    campaigns.save(a_campaign("local"))
    assert campaigns.syncing() == ["a", "b"]

    campaigns.save(a_campaign("b", version=1))

    assert campaigns.syncing() == ["a"]


def test_a_salesforce_campaign_belongs_to_one_campaign(campaigns: CampaignRepository) -> None:
    """Whoever comes second is told, unless it knows whom it takes over from."""
    assert campaigns.owners([CAMPAIGN_ID]) == {}
    assert campaigns.claim(CAMPAIGN_ID, campaign_id="spring")
    assert not campaigns.claim(CAMPAIGN_ID, campaign_id="autumn")
    assert not campaigns.claim(CAMPAIGN_ID, campaign_id="autumn", expected="winter")
    assert campaigns.owners([CAMPAIGN_ID]) == {CAMPAIGN_ID: "spring"}

    assert campaigns.claim(CAMPAIGN_ID, campaign_id="autumn", expected="spring")

    assert campaigns.owners([CAMPAIGN_ID]) == {CAMPAIGN_ID: "autumn"}


def test_only_its_owner_lets_a_salesforce_campaign_go(campaigns: CampaignRepository) -> None:
    """Releasing twice, or what belongs to another, does nothing."""
    campaigns.claim(CAMPAIGN_ID, campaign_id="spring")

    campaigns.release(CAMPAIGN_ID, campaign_id="autumn")
    assert campaigns.owners([CAMPAIGN_ID]) == {CAMPAIGN_ID: "spring"}

    campaigns.release(CAMPAIGN_ID, campaign_id="spring")
    campaigns.release(CAMPAIGN_ID, campaign_id="spring")
    assert campaigns.owners([CAMPAIGN_ID]) == {}
    assert campaigns.claim(CAMPAIGN_ID, campaign_id="autumn")


def test_a_campaign_that_was_deleted_is_found_nowhere(campaigns: CampaignRepository) -> None:
    """Its id is used up; it is leaving until somebody notes that its members are gone."""
    chosen = SyncChoice(option=SyncOption.NEW, chosen_at=NOON)
    campaigns.save(a_campaign(sync=chosen))
    campaigns.save(a_campaign("autumn", sync=chosen))
    assert not campaigns.was_deleted("spring")

    campaigns.delete(a_campaign(version=1), now=NOON + MINUTE)

    assert campaigns.get_many(["spring"]) == {}
    assert [each.id for each in campaigns.page(limit=9).items] == ["autumn"]
    assert [each.id for each in campaigns.page(type_id="webinar", limit=9).items] == ["autumn"]
    assert campaigns.syncing() == ["autumn"]
    assert campaigns.was_deleted("spring")
    assert campaigns.leaving() == [DeletedCampaign(id="spring", deleted_at=NOON + MINUTE)]

    campaigns.has_left("spring")
    campaigns.has_left("spring")

    assert campaigns.leaving() == []
    assert campaigns.was_deleted("spring")


def test_a_campaign_that_changed_meanwhile_is_not_deleted(campaigns: CampaignRepository) -> None:
    """Neither is one that is gone, and nothing is noted then."""
    campaigns.save(a_campaign())

    with pytest.raises(ChangedMeanwhileError):
        campaigns.delete(a_campaign(version=2), now=NOON)
    assert campaigns.leaving() == []
    assert not campaigns.was_deleted("spring")

    campaigns.delete(a_campaign(version=1), now=NOON)
    with pytest.raises(ChangedMeanwhileError):
        campaigns.delete(a_campaign(version=1), now=NOON)
    assert campaigns.leaving() == [DeletedCampaign(id="spring", deleted_at=NOON)]
