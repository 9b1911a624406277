"""Members that both sides have changed: whatever is lost is told, before it is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from counterpart.domain.mapping import Mode
from counterpart.domain.outcomes import Action
from counterpart.domain.records import CampaignObject
from counterpart.domain.sync_settings import SyncSettings
from tests.use_cases.campaigning import a_member_field
from tests.use_cases.storytelling import Story, a_pair, followed
from tests.use_cases.world import MINUTE, PowerCutError

if TYPE_CHECKING:
    from collections.abc import Callable

Told = tuple[str | None, str | None, str | None]


@pytest.fixture
def world() -> Story:
    """Return a world at noon, in which members have a field."""
    return Story(SyncSettings(member_fields=(a_member_field(),)))


def conflicts(world: Story, contact_id: str) -> list[Told]:
    """Return of each conflict of a member the field, whose value stands, and the one lost."""
    return [
        (each.field, each.kept, each.lost)
        for each in world.outcomes()
        if each.action is Action.CONFLICTED and each.subject_id == contact_id
    ]


def theirs_first(world: Story, contact_id: str, row_id: str) -> None:
    """Let somebody change the member there, and then somebody here."""
    world.org.edit(row_id, {"Status": "VIP", "Table__c": "9"})
    world.wait(1)
    world.wish(contact_id, status="Attended", fields={"table": "12"})


def ours_first(world: Story, contact_id: str, row_id: str) -> None:
    """Let somebody change the member here, and then somebody there."""
    world.wish(contact_id, status="Attended", fields={"table": "12"})
    world.wait(1)
    world.org.edit(row_id, {"Status": "No show", "Table__c": "9"})


@pytest.mark.parametrize(
    ("both", "told"),
    [
        (theirs_first, [("status", "ours", "VIP"), ("table", "ours", "9")]),
        (ours_first, [("status", "theirs", "Attended"), ("table", "theirs", "12")]),
    ],
)
def test_what_the_later_change_replaces_is_told_once(
    world: Story, both: Callable[[Story, str, str], None], told: list[Told]
) -> None:
    """Also where it is ours that stands, and goes out in the same run."""
    ada, row_id, _ = a_pair(world)

    both(world, ada, row_id)
    world.rest()

    assert conflicts(world, ada) == told


def test_what_is_changed_there_after_the_pull_is_told_by_the_push(world: Story) -> None:
    """The row is read once more before it is written, and nobody here has seen what it holds.

    A status of ours is always sent; of a field, the later value stands.
    """
    ada, row_id, _ = a_pair(world)
    world.wish(ada, status="Attended", fields={"table": "12"})
    world.org.edit(row_id, {"Description": "it comes in, and changes nothing"})
    # The last thing before the push.
    world.on_write["streams.release"] = lambda: world.org.edit(
        row_id, {"Status": "VIP", "Table__c": "9"}
    )

    world.rest()

    row = world.org.row(row_id)
    assert (row["Status"], row["Table__c"]) == ("Attended", "9")
    assert conflicts(world, ada) == [("status", "ours", "VIP"), ("table", "theirs", "12")]


def test_what_was_changed_there_in_a_transaction_that_took_its_time_is_told(world: Story) -> None:
    """It ends between the pull and the push, and ours is the later change."""
    ada, row_id, _ = a_pair(world)
    late = world.now + 2 * MINUTE
    world.org.edit(row_id, {"Status": "VIP", "Table__c": "9"}, commit_at=late)
    world.wait(1)
    world.wish(ada, status="Attended", fields={"table": "12"})
    world.on_write["streams.release"] = lambda: world.wait(2)

    world.sync()
    world.rest()

    row = world.org.row(row_id)
    assert (row["Status"], row["Table__c"]) == ("Attended", "12")
    assert conflicts(world, ada) == [("table", "ours", "9"), ("status", "ours", "VIP")]


def test_what_a_row_has_that_somebody_makes_at_the_same_moment_is_told(world: Story) -> None:
    """Salesforce has somebody once in a campaign; the row is adopted, and ours written into it."""
    ((ada, there),) = world.linked("ada@example.com")
    record_id = followed(world)
    world.wish(ada, status="Attended", fields={"table": "12"})

    def add(name: str) -> None:
        if name == "CampaignMember.insert":
            world.their_member(record_id, there, "VIP", Table__c="9")

    world.rival = add

    world.sync()
    world.rival = None
    world.rest()

    (row,) = world.org.rows(CampaignObject.MEMBER)
    assert (row["Status"], row["Table__c"]) == ("Attended", "9")
    assert conflicts(world, ada) == [("status", "ours", "VIP"), ("table", "theirs", "12")]


def test_what_an_older_row_has_that_is_met_so_is_told(world: Story) -> None:
    """The row is older than ours, and was not to be seen."""
    ((ada, there),) = world.linked("ada@example.com")
    record_id = followed(world)
    values = {"CampaignId": record_id, "ContactId": there, "Status": "VIP", "Table__c": "9"}
    world.org.add(CampaignObject.MEMBER, values, commit_at=world.now + 2 * MINUTE)
    world.wait(1)
    world.wish(ada, status="Attended", fields={"table": "12"})
    world.rival = lambda name: world.wait(2) if name == "CampaignMember.insert" else None

    world.sync()
    world.rival = None
    world.rest()

    (row,) = world.org.rows(CampaignObject.MEMBER)
    assert (row["Status"], row["Table__c"]) == ("Attended", "12")
    assert conflicts(world, ada) == [("table", "ours", "9"), ("status", "ours", "VIP")]


def test_what_is_changed_there_in_a_row_that_is_locked_is_told_once(world: Story) -> None:
    """By the first push that is about to write over it, and by no further one."""
    ada, row_id, _ = a_pair(world)
    late = world.now + 2 * MINUTE
    world.org.edit(row_id, {"Status": "VIP", "Table__c": "9"}, commit_at=late)
    world.wait(1)
    world.wish(ada, status="Attended", fields={"table": "12"})
    world.on_write["streams.release"] = lambda: world.wait(2)
    world.org.locked.add(row_id)

    world.sync()
    told = conflicts(world, ada)
    world.rest(apart=20)
    assert world.org.row(row_id)["Status"] == "VIP"
    world.org.locked.clear()
    world.rest(apart=60)

    row = world.org.row(row_id)
    assert (row["Status"], row["Table__c"]) == ("Attended", "12")
    assert told == [("table", "ours", "9"), ("status", "ours", "VIP")]
    assert conflicts(world, ada) == told


def test_what_a_push_was_about_to_replace_in_a_row_that_is_locked_stays_lost(world: Story) -> None:
    """It is later than ours, and no pull takes it after people were told that ours stands."""
    ada, row_id, _ = a_pair(world)
    world.wish(ada, status="Attended", fields={"table": "12"})
    world.org.edit(row_id, {"Description": "it comes in, and changes nothing"})
    # The last thing before the push.
    world.on_write["streams.release"] = lambda: world.org.edit(row_id, {"Status": "VIP"})
    world.rival = lambda name: world.org.locked.add(row_id) if name == "campaigns.update" else None

    world.sync()
    world.rest(apart=20)
    assert world.org.row(row_id)["Status"] == "VIP"
    world.rival = None
    world.org.locked.clear()
    world.rest(apart=60)

    assert world.org.row(row_id)["Status"] == "Attended"
    assert conflicts(world, ada) == [("status", "ours", "VIP")]


@pytest.mark.parametrize("both", [theirs_first, ours_first])
def test_a_power_cut_takes_nothing_away_untold(
    both: Callable[[Story, str, str], None],
) -> None:
    """Somebody may read of it twice."""
    for writes in range(30):
        world = Story(SyncSettings(member_fields=(a_member_field(),)))
        ada, row_id, _ = a_pair(world)
        both(world, ada, row_id)
        world.cut_the_power_after(writes)
        try:
            world.sync()
        except PowerCutError:
            world.start_again()
            world.rest()
            assert {field for field, _, _ in conflicts(world, ada)} == {"status", "table"}
        else:
            assert writes > 5
            return
    pytest.fail("the sync never came to its end")


@pytest.mark.parametrize("mode", [Mode.PREFER_SALESFORCE, Mode.ALWAYS_SALESFORCE])
def test_our_write_of_a_status_does_not_hide_that_the_row_was_newer(
    world: Story, mode: Mode
) -> None:
    """What the mode keeps here gives way to a newer row, also if no pull comes in between."""
    ada, row_id, _ = a_pair(world)
    world.org.edit(row_id, {"Table__c": "9"})
    world.rest()
    world.org.edit(row_id, {"Description": "it comes in, and changes nothing"})
    world.wait(1)
    world.wish(ada, fields={"table": "12"})
    world.change(member_fields=(a_member_field(mode=mode),))
    world.wait(1)
    world.wish(ada, status="Attended")

    def change_and_take_back() -> None:
        world.wait(1)
        world.org.edit(row_id, {"Table__c": "10"})
        world.org.edit(row_id, {"Table__c": "9"})
        world.wait(1)

    # The last thing before the push.
    world.on_write["streams.release"] = change_and_take_back

    world.rest()

    row = world.org.row(row_id)
    assert (row["Status"], row["Table__c"]) == ("Attended", "9")
    assert world.member("launch", ada).ledger.values["table"] == "9"
    assert conflicts(world, ada) == [("table", "theirs", "12")]


@pytest.mark.failure("F49")
@pytest.mark.parametrize("mode", [Mode.TWO_WAY, Mode.ALWAYS_OURS, Mode.PREFER_SALESFORCE])
def test_automation_rewrites_what_we_wrote_of_a_member(world: Story, mode: Mode) -> None:
    """It settles in whatever mode, however often that happens: nothing goes to and fro."""
    ada, row_id, _ = a_pair(world)
    world.change(member_fields=(a_member_field(mode=mode),))
    world.wait(1)

    def rewrite() -> None:
        world.org.edit(row_id, {"Table__c": "TEN"})
        world.on_write["campaigns.update"] = rewrite

    rewrite()
    world.org.edit(row_id, {"Table__c": None})
    world.wish(ada, fields={"table": "ten"})
    world.rest()
    world.rest()
    world.written.clear()

    world.rest()

    assert world.writes_of("campaigns", "members") == 0
    assert world.org.row(row_id)["Table__c"] == "TEN"
