"""The door of sync_campaigns, with the events that the schedule, itself and people send to it."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from counterpart import bootstrap
from counterpart.domain.campaigns import Campaign, SyncChoice, SyncOption
from counterpart.settings import Environment
from tests.functions.conftest import Context, LoadFunction
from tests.functions.org import Org
from tests.use_cases.campaigning import WEBINAR

Sample = Callable[[str], dict[str, Any]]

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
CAMPAIGN_ID = "01JD9M3W7Q5V8XK2B4N6P0R1ST"


@dataclass(frozen=True)
class Story:
    """A campaign there with one member who is a contact here, and one here that syncs with it."""

    sync: Callable[[str], dict[str, Any]]
    contact_id: str
    row_id: str

    def status(self) -> str | None:
        """Return how far the contact has come here."""
        services = bootstrap.build_api(Environment.from_environ(os.environ))
        listing = services.campaigns.members.page(CAMPAIGN_ID, limit=10)
        return next((each.status for each in listing.items if each.present), None)


@pytest.fixture(scope="module")
def story(org: Org, load_function: LoadFunction, sample: Sample) -> Story:
    """Return what runs the function with a sample event."""
    person_id = org.add("Contact", LastName="Lovelace", Email="ada@acme.example")
    load_function("pull_records")({"ids": [person_id]}, Context())
    services = bootstrap.build_api(Environment.from_environ(os.environ))
    (contact,) = services.contacts.find_by_email(["ada@acme.example"])["ada@acme.example"]

    campaign_id = org.add("Campaign", Name="Spring launch", IsActive=True)
    row_id = org.add(
        "CampaignMember", CampaignId=campaign_id, ContactId=person_id, Status="Responded"
    )
    services.campaigns.types.save(WEBINAR)
    services.campaigns.campaigns.save(
        Campaign(
            id=CAMPAIGN_ID,
            name="Spring",
            type_id=WEBINAR.id,
            created_at=NOW,
            updated_at=NOW,
            sync=SyncChoice(option=SyncOption.EXISTING, chosen_at=NOW, record_id=campaign_id),
        )
    )
    handler = load_function("sync_campaigns")
    return Story(
        sync=lambda name: handler(sample(f"sync_campaigns/{name}.json"), Context()),
        contact_id=contact.id,
        row_id=row_id,
    )


def test_a_dry_run_links_nothing(story: Story) -> None:
    """It says what it would do."""
    report = story.sync("dry_run")

    assert report["status"] == "completed"
    assert "Would link 1 campaign." in report["notes"]
    assert story.status() is None


def test_the_schedule_brings_members_in(story: Story) -> None:
    """A status that the type lacks becomes its default."""
    report = story.sync("scheduled")

    assert report["status"] == "completed"
    assert report["objects"]["CampaignMember"]["created"] == 1
    assert story.status() == "Registered"


def test_the_other_samples_find_nothing_more_to_do(story: Story) -> None:
    """A hand-over, everything, and one campaign."""
    story.sync("scheduled")

    for name in ("handed_over", "everything", "one_campaign"):
        report = story.sync(name)

        assert report["status"] == "completed", report
        assert report["created"] == report["updated"] == report["failed"] == 0


def test_campaigns_are_found_for_whoever_wants_to_choose_one(story: Story) -> None:
    """As the API asks for them."""
    assert [each["name"] for each in story.sync("search")["campaigns"]] == ["Spring launch"]


def test_a_campaign_that_does_not_exist_is_refused(load_function: LoadFunction, org: Org) -> None:
    """The answer says what is wrong, and it is no failure."""
    del org
    handler = load_function("sync_campaigns")

    answer = handler({"campaign_id": "nobody"}, Context())
    typing_error = handler({"campaing_id": "nobody"}, Context())

    assert (answer["status"], answer["field"]) == ("refused", "campaign_id")
    assert typing_error["status"] == "refused"
    assert json.dumps(answer)
