"""What proposed settings would do beside fields, new records and selections."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from counterpart.domain.creation_settings import Creation, OnExistingMatch
from counterpart.domain.inbound_settings import Inbound, OnRemoteDelete
from counterpart.domain.mapping import Mode
from counterpart.domain.settings_document import from_document
from counterpart.domain.sync_settings import Guard, SyncSettings
from counterpart.domain.waiting import Lane, Waiting
from tests.use_cases.world import World, with_mode

TWO_WAY = SyncSettings(fields=with_mode(Mode.TWO_WAY, "job_title"))


def effects(told: Any) -> dict[str, tuple[int, list[str]]]:  # noqa: ANN401 - JSON
    """Return what was counted, and of whom, by setting."""
    return {one["setting"]: (one["count"], one["examples"]) for one in told["effects"]}


def apply(world: World, document: dict[str, object]) -> None:
    """Let proposed settings hold."""
    after = from_document(document, base=world.settings.current())
    world.change(
        **{name: getattr(after, name) for name in ("inbound", "outbound", "creation", "guard")}
    )


def linked(settings: SyncSettings, number: int) -> tuple[World, list[str], list[str]]:
    """Return a world with leads that were pulled long ago, with ids of theirs and ours."""
    world = World(settings)
    leads = [world.lead(f"{at}@example.com", Title="Clerk") for at in range(number)]
    world.wait()
    world.pull()
    world.wait(60)
    world.pull()
    return world, leads, [world.of(lead).id for lead in leads]


def test_deletions_that_no_pull_has_read() -> None:
    """They are treated as proposed; what was read before, or was merged, is not."""
    world, leads, ids = linked(
        SyncSettings(inbound=Inbound(on_remote_delete=OnRemoteDelete.IGNORE)), 4
    )
    world.org.delete(leads[0])
    world.wait()
    world.pull()
    world.wait(60)
    world.pull()
    world.org.delete(leads[1])
    world.org.merge(leads[2], leads[3])
    document: dict[str, object] = {"inbound": {"on_remote_delete": "delete"}}

    told = world.simulate(document)

    assert effects(told) == {"inbound.on_remote_delete": (1, [ids[1]])}
    assert told["not_counted"] == []
    apply(world, document)
    world.pull()
    # The one that lost the merge lost its counterpart, and stayed.
    assert {each.id for each in world.everybody()} == {ids[0], ids[2], ids[3]}


def test_deletions_of_accounts() -> None:
    """Companies follow after the contacts, as for their fields."""
    world = World()
    account_id = world.account()
    world.wait()
    world.pull()
    world.org.delete(account_id)
    document = {"inbound": {"on_remote_delete": "delete"}}

    first = world.simulate(document)
    second = world.simulate(document, after=first["next"])

    (company,) = world.all_companies()
    assert effects(first)["inbound.on_remote_delete"] == (0, [])
    assert effects(second)["inbound.on_remote_delete"] == (1, [company.id])


@pytest.mark.parametrize(
    ("guard", "passes"),
    [({"share_percent": 60}, True), ({"minimum": 4}, True), ({"share_percent": 10}, False)],
)
def test_what_the_guard_holds(guard: dict[str, int], passes: bool) -> None:  # noqa: FBT001 - either
    """It would go on by the proposed numbers, or stay; and so it does."""
    world, leads, _ = linked(SyncSettings(guard=Guard(share_percent=50, minimum=2)), 5)
    for lead in leads[:3]:
        world.org.delete(lead)
    world.wait()
    world.pull()
    hold = world.streams.get("Lead").hold
    assert hold

    told = world.simulate({"guard": guard})

    name = f"guard.{next(iter(guard))}"
    assert effects(told) == {name: (1, [hold.id]) if passes else (0, [])}
    apply(world, {"guard": guard})
    world.wait(61)
    world.pull()
    assert sum(each.counterpart is None for each in world.everybody()) == (3 if passes else 0)


@pytest.mark.parametrize("document", [{"pace": "near_real_time"}, {"max_wait_minutes": 30}])
def test_edits_that_wait(document: dict[str, Any]) -> None:
    """Those who wait for their turn; not those who were set aside."""
    world, _, ids = linked(TWO_WAY, 3)
    world.edit(ids[0], job_title="VP")
    later = Waiting(lane=Lane.PARKED, next_push_at=world.now)
    world.contacts.save_many([replace(world.contact(ids[1]), waiting=later)])

    told = world.simulate({"outbound": document})

    assert effects(told) == {f"outbound.{next(iter(document))}": (1, [ids[0]])}


def test_edits_that_fail_in_passing() -> None:
    """Whoever is close to being parked, and would be sooner."""
    world, _, ids = linked(TWO_WAY, 3)
    for contact_id, attempts in zip(ids, (1, 3, 5), strict=True):
        mark = Waiting(lane=Lane.RETRY, next_push_at=world.now, attempts=attempts)
        world.contacts.save_many([replace(world.contact(contact_id), waiting=mark)])

    told = world.simulate({"outbound": {"max_attempts": 4}})

    count, examples = effects(told)["outbound.max_attempts"]
    assert (count, set(examples)) == (2, {ids[1], ids[2]})


def test_requests_that_were_set_aside() -> None:
    """Each by the setting that set it aside."""
    world, *_ = linked(SyncSettings(), 1)
    twin = world.add("0@example.com", sync=True)
    world.add("other@example.com", sync=True)
    world.create()

    told = world.simulate({"creation": {"on_existing_match": "create", "on_duplicate": "park"}})

    assert effects(told) == {
        "creation.on_existing_match": (1, [twin]),
        "creation.on_duplicate": (0, []),
    }
    assert Creation().on_existing_match is OnExistingMatch.LINK


def test_fields_that_would_join() -> None:
    """Which custom fields the org has besides."""
    world, *_ = linked(SyncSettings(), 1)
    world.org.add_field("Lead", "Shoe_Size__c", "double")

    on = world.simulate({"auto_detect_custom_fields": True})

    assert effects(on) == {"auto_detect_custom_fields": (1, ["Lead.Shoe_Size__c"])}
    world.change(auto_detect_custom_fields=True)
    off = world.simulate({"auto_detect_custom_fields": False})
    assert effects(off) == {"auto_detect_custom_fields": (0, [])}


def test_every_setting_that_changes_is_told_of() -> None:
    """What can be counted is, what cannot says why; and a store that takes no write does."""
    world, *_ = linked(SyncSettings(), 2)
    fields = {"seat": {"mode": "two_way", "salesforce": {"CampaignMember": "Seat__c"}}}
    document: dict[str, object] = {
        "time_zone": "Europe/Zurich",
        "inbound": {"on_remote_delete": "delete", "overlap_minutes": 20},
        "campaigns": {"create_missing_statuses": True, "on_remote_removal": "keep"},
        "guard": {"share_percent": 5},
        "member_fields": fields,
        "opportunities": {"enabled": True},
        "opportunity_fields": {"next_step": {"salesforce": "NextStep"}},
    }
    before, calls = world.state(), world.salesforce.usage().calls
    world.cut_the_power_after(0)

    told = world.simulate(document)

    assert world.state() == before
    assert world.salesforce.usage().calls - calls <= 20
    shown = {one["setting"]: one["shown_in"] for one in told["changed"]}
    untold = {one["setting"] for one in told["not_counted"]}
    assert {name for name, parts in shown.items() if not parts} == untold
    assert untold == {
        "inbound.overlap_minutes",
        "campaigns.create_missing_statuses",
        "campaigns.on_remote_removal",
        "member_fields.seat",
        "opportunities.enabled",
        "opportunity_fields.next_step",
    }
    assert all(part in told for parts in shown.values() for part in parts)
    assert all(one["why"] for one in told["not_counted"])
    # A change would be refused for it.
    assert {
        "member_fields.seat.salesforce.CampaignMember",
        "opportunity_fields.next_step.salesforce",
    } <= {one["check"] for one in told["problems"]}


def test_settings_that_are_the_same() -> None:
    """Nothing is told of what does not change."""
    world, *_ = linked(SyncSettings(), 1)
    world.wait(timedelta(days=1) / timedelta(minutes=1))

    told = world.simulate({"guard": {"share_percent": 20}, "time_zone": "UTC"})

    assert (told["changed"], told["effects"], told["not_counted"]) == ([], [], [])
