"""What becomes of memberships when a merge is undone, here and in Salesforce."""

from __future__ import annotations

import pytest

from counterpart.domain.records import SObject
from counterpart.errors import ChangedMeanwhileError, StaleVersionError
from counterpart.use_cases.delete_campaigns import delete_campaign
from counterpart.use_cases.part_memberships import part_memberships
from tests.use_cases.campaigning import a_member_field
from tests.use_cases.pairing import Pair
from tests.use_cases.world import PowerCutError


@pytest.mark.parametrize("runs", [0, 1])
@pytest.mark.parametrize(
    "before",
    [
        {"bob": "Registered"},
        {"ada": "Registered", "bob": "Attended"},
        {"ada": "Attended", "bob": "Registered"},
        {"ada": "Registered", "bob": "Registered"},
        {"ada": "Registered"},
    ],
)
def test_a_merge_and_its_undoing_leave_both_sides_as_they_were(
    before: dict[str, str], runs: int
) -> None:
    """Whether or not a run has seen the merge."""
    pair = Pair()
    pair.join(**before)
    assert pair.there == before

    pair.merge()
    for _ in range(runs):
        pair.run()
    assert pair.undo() == ()
    assert pair.here == before
    pair.run()

    assert (pair.here, pair.there) == (before, before)
    assert pair.rests()


def test_who_is_in_no_salesforce_campaign() -> None:
    """It comes back all the same, and nothing waits."""
    pair = Pair(syncs=False)
    pair.world.join("launch", pair.bob, "Attended")

    pair.merge()
    assert pair.here == {"ada": "Attended"}
    pair.undo()

    assert pair.here == {"bob": "Attended"}
    assert pair.world.member("launch", pair.bob).waiting is None


def test_the_row_of_the_one_that_went_was_changed_meanwhile() -> None:
    """It stood alone; the next run sees what happened to it."""
    pair = Pair()
    pair.join(ada="Attended", bob="Registered")
    pair.merge()
    pair.run()
    row_id = next(
        row["Id"] for row in pair.world.org.rows("CampaignMember") if row["ContactId"] == pair.bobs
    )
    pair.world.wait()
    pair.world.org.edit(row_id, {"Status": "No show"})
    pair.run()
    pair.world.wait(30)
    pair.run()

    pair.undo()
    pair.run()

    assert pair.here == pair.there == {"ada": "Attended", "bob": "No show"}
    assert pair.rests()


@pytest.mark.parametrize("outbound", [True, False])
def test_the_row_of_the_one_that_went_was_deleted_meanwhile(*, outbound: bool) -> None:
    """Somebody removed it in Salesforce, and so it is removed here, whether or not edits go out."""
    pair = _whose_row_went_unseen()
    pair.world.switch_outbound(on=outbound)

    pair.undo()
    pair.run()

    assert pair.here == pair.there == {"ada": "Attended"}
    assert pair.rests()


def _whose_row_went_unseen() -> Pair:
    """Return two who are one, while nobody has seen that Bob's row was deleted there."""
    pair = Pair()
    pair.join(ada="Attended", bob="Registered")
    pair.merge()
    pair.run()
    row_id = next(
        row["Id"] for row in pair.world.org.rows("CampaignMember") if row["ContactId"] == pair.bobs
    )
    pair.world.wait()
    pair.world.org.delete(row_id)
    for _ in range(2):
        # Farther than windows overlap.
        pair.run()
        pair.world.wait(30)
    return pair


def test_who_is_back_without_a_row_is_added_there_once_more_and_removed_here() -> None:
    """The row that was read keeps nobody from seeing that the one it follows is gone."""
    pair = _whose_row_went_unseen()
    pair.undo()
    pair.world.their_member(pair.record_id, pair.bobs, "No show")
    pair.world.wait()
    pair.world.remove("launch", pair.bob)

    for _ in range(2):
        pair.run()

    assert pair.here == pair.there == {"ada": "Attended"}
    assert pair.rests()


@pytest.mark.parametrize("stays", [True, False])
def test_who_is_back_without_a_row_is_added_there_while_outbound_is_off(*, stays: bool) -> None:
    """Be it for a moment: what is read of that row leaves the other one to be looked at."""
    pair = _whose_row_went_unseen()
    pair.undo()
    pair.world.switch_outbound(on=False)
    row_id = pair.world.their_member(pair.record_id, pair.bobs, "No show")
    if not stays:
        pair.world.org.delete(row_id)

    pair.run()

    assert pair.here == pair.there == {"ada": "Attended"} | ({"bob": "No show"} if stays else {})
    assert pair.rests()


@pytest.mark.parametrize("outbound", [True, False])
def test_the_record_of_the_one_that_went_was_deleted_meanwhile(*, outbound: bool) -> None:
    """It took the row along, which nobody followed; so it does now, be outbound on or off."""
    pair = Pair()
    pair.join(ada="Attended", bob="Registered")
    pair.merge()
    pair.run()
    pair.world.org.delete(pair.bobs)
    pair.world.wait()
    pair.world.pull()
    # Past every overlap.
    for _ in range(2):
        pair.world.wait(30)
        pair.world.sync()
    pair.world.switch_outbound(on=outbound)

    pair.undo()
    for _ in range(2):
        pair.run()

    assert pair.here == pair.there == {"ada": "Attended"}
    assert pair.rests()


def test_the_survivor_was_moved_meanwhile() -> None:
    """That stays with it, on both sides; the other one has what it had."""
    pair = Pair()
    pair.join(ada="Registered", bob="Registered")
    pair.merge()
    pair.world.wait()
    pair.world.move("launch", pair.ada, "Attended")
    pair.run()

    assert pair.undo() == ()
    pair.run()

    assert pair.here == pair.there == {"ada": "Attended", "bob": "Registered"}


def test_who_became_a_member_by_the_merge_was_moved_meanwhile() -> None:
    """It stays one with a row of its own; the answer says so."""
    pair = Pair()
    pair.join(bob="Registered")
    pair.merge()
    pair.run()
    pair.world.wait()
    pair.world.move("launch", pair.ada, "Attended")
    pair.run()
    assert pair.there == {"bob": "Attended"}

    kept = pair.undo()
    assert kept == (f"the status of {pair.ada} in campaign launch was changed since",)
    pair.run()

    assert pair.here == pair.there == {"ada": "Attended", "bob": "Registered"}
    assert pair.rests()


def test_salesforce_moved_who_became_a_member_by_the_merge() -> None:
    """It was the other one's row, and goes back with that status."""
    pair = Pair()
    pair.join(bob="Registered")
    pair.merge()
    pair.run()
    row = pair.world.member("launch", pair.ada).counterpart
    assert row
    pair.world.wait()
    pair.world.org.edit(row.record_id, {"Status": "Attended"})
    pair.run()
    assert pair.here == {"ada": "Attended"}

    assert pair.undo() == ()
    pair.run()

    assert pair.here == pair.there == {"bob": "Attended"}
    assert pair.rests()


@pytest.mark.parametrize("runs", [0, 1])
def test_the_member_was_removed_meanwhile(runs: int) -> None:
    """Both stay away: for whoever removed it, they were one. The answer says so."""
    pair = Pair()
    pair.join(bob="Registered")
    pair.merge()
    pair.run()
    pair.world.wait()
    pair.world.remove("launch", pair.ada)
    for _ in range(runs):
        pair.run()

    (kept,) = pair.undo()
    assert kept.startswith(f"{pair.ada} ")
    pair.run()

    assert pair.here == pair.there == {}
    assert pair.rests()


@pytest.mark.parametrize("runs", [0, 1])
def test_the_member_was_removed_meanwhile_and_both_had_a_row(runs: int) -> None:
    """A removal that has crossed took both rows along; before that, only the survivor's goes."""
    pair = Pair()
    pair.join(ada="Registered", bob="Attended")
    pair.merge()
    pair.run()
    pair.world.wait()
    pair.world.remove("launch", pair.ada)
    for _ in range(runs):
        pair.run()

    (kept,) = pair.undo()
    assert kept.startswith(f"{pair.ada} ")
    pair.run()

    assert pair.here == pair.there == ({} if runs else {"bob": "Attended"})
    assert pair.rests()


def test_who_was_removed_before_the_merge_and_whose_row_went_meanwhile_is_added_again() -> None:
    """While outbound is off: it follows no row, as there is none, and that is not read twice."""
    pair = Pair()
    pair.join(ada="Registered", bob="Registered")
    row_id = pair.world.row_followed(pair.ada)
    pair.world.remove("launch", pair.ada)
    pair.merge()
    pair.world.org.delete(row_id)
    pair.run()
    _let_windows_pass(pair)

    pair.undo()
    pair.world.switch_outbound(on=False)
    pair.world.wish(pair.ada, status="Registered")
    pair.run()

    assert (pair.here, pair.there) == (
        {"ada": "Registered", "bob": "Registered"},
        {"bob": "Registered"},
    )
    assert pair.world.member("launch", pair.ada).counterpart is None
    assert pair.rests()


def test_who_was_removed_before_the_merge_is_added_again_with_a_status_of_its_own() -> None:
    """What stands in its row is what the other one was; nobody there has said so, or loses it."""
    pair = Pair()
    pair.join(ada="Registered", bob="Attended")
    pair.world.remove("launch", pair.ada)
    pair.merge()
    pair.run()
    assert pair.there == {"ada": "Attended", "bob": "Attended"}
    _let_windows_pass(pair)

    pair.undo()
    pair.world.wish(pair.ada)
    pair.run()

    assert pair.here == pair.there == {"ada": "Registered", "bob": "Attended"}
    assert pair.world.outcomes() == []
    assert pair.rests()


def _let_windows_pass(pair: Pair) -> None:
    """Let runs come to pass that are farther apart than windows overlap."""
    for _ in range(2):
        pair.world.wait(30)
        pair.run()


def test_the_merge_has_made_somebody_a_member_there() -> None:
    """Who was outside of Salesforce took its membership along; the survivor's row goes again."""
    pair = Pair()
    eve = pair.world.add("eve@example.com")
    pair.world.join("launch", eve, "Registered")
    pair.run()
    pair.world.merge(pair.ada, eve)
    pair.run()
    assert pair.there == {"ada": "Registered"}

    pair.world.undo(eve)
    pair.run()

    assert pair.there == {}
    assert pair.world.members_here() == {eve: "Registered"}
    assert pair.world.member("launch", eve).skip


@pytest.mark.parametrize("found", [True, False])
def test_somebody_there_made_the_survivor_a_member_meanwhile(*, found: bool) -> None:
    """Whoever was merged had no row; be it that ours met that row when it was to make one."""
    pair = Pair()
    eve = pair.world.add("eve@example.com")
    pair.world.join("launch", eve, "Registered")
    pair.run()

    def be_faster(name: str) -> None:
        if name == "CampaignMember.insert" and not pair.there:
            pair.world.their_member(pair.record_id, pair.adas, "Registered")

    pair.world.merge(pair.ada, eve)
    if found:
        pair.world.rival = be_faster
    else:
        pair.world.their_member(pair.record_id, pair.adas, "Registered")
        pair.world.wait()
    pair.run()

    kept = pair.world.undo(eve).kept
    pair.run()

    assert kept == (f"{pair.ada} was added to campaign launch in Salesforce since",)
    assert pair.there == {"ada": "Registered"}
    assert pair.world.members_here() == {pair.ada: "Registered", eve: "Registered"}


def test_the_record_of_the_one_that_went_was_merged_away_in_salesforce() -> None:
    """Its membership is the survivor's there; it comes back here alone, as it was."""
    pair = Pair()
    pair.join(bob="Registered")
    pair.merge()
    pair.run()
    pair.world.wait()
    pair.world.org.merge(pair.adas, pair.bobs)
    pair.world.pull()
    pair.run()

    pair.undo()
    pair.run()

    assert pair.here == {"ada": "Registered", "bob": "Registered"}
    assert pair.there == {"ada": "Registered"}
    assert pair.world.member("launch", pair.bob).skip


def test_a_lead_that_was_converted_meanwhile() -> None:
    """Its row goes along with the Contact that it has become."""
    pair = Pair()
    lead_id = pair.world.lead("eve@example.com")
    pair.world.wait()
    pair.world.pull()
    eve = pair.world.of(lead_id).id
    pair.world.join("launch", eve, "Registered")
    pair.run()
    pair.world.merge(pair.ada, eve)
    pair.run()
    pair.world.wait()
    person_id, _ = pair.world.org.convert(lead_id), pair.world.pull()
    pair.run()

    pair.world.undo(eve)
    pair.run()

    assert pair.world.members_here() == {eve: "Registered"}
    (there,) = pair.world.members_there(pair.record_id).items()
    assert there[1] == "Registered"
    assert there[0].startswith("003")
    assert pair.world.contact(eve).counterpart.object is SObject.CONTACT  # type: ignore[union-attr] # it is linked
    assert pair.rests()
    assert person_id


def test_who_was_merged_is_removed_and_has_two_rows() -> None:
    """Its own goes as well; otherwise it would be a member there, and not here."""
    pair = Pair()
    pair.join(bob="Registered")
    pair.merge()
    pair.run()
    pair.world.wait()
    pair.world.their_member(pair.record_id, pair.adas, "Attended")
    pair.run()
    assert pair.there == {"ada": "Attended", "bob": "Registered"}

    pair.world.remove("launch", pair.ada)
    pair.run()

    assert pair.here == pair.there == {}


def test_a_row_of_a_further_record_is_nobody_elses() -> None:
    """Not even of the one whose lead was converted into that record."""
    pair = Pair()
    lead_id = pair.world.lead("eve@example.com")
    pair.world.wait()
    pair.world.pull()
    eve = pair.world.of(lead_id).id
    pair.world.join("launch", eve, "Registered")
    pair.join(bob="Attended")
    pair.merge()
    pair.run()
    pair.world.wait()
    pair.world.org.convert(lead_id, contact_id=pair.bobs)

    pair.run()
    pair.world.pull()
    pair.run()

    assert pair.there == {"bob": "Attended"}
    assert pair.world.members_here() == {pair.ada: "Attended"}


def test_fields_go_back_on_both_sides() -> None:
    """What the survivor had none of, it has none of again."""
    pair = Pair()
    pair.world.change(member_fields=(a_member_field(),))
    pair.world.join("launch", pair.ada, "Registered")
    pair.world.join("launch", pair.bob, "Registered", table="8")
    pair.run()
    pair.merge()
    pair.run()
    tables = {row["ContactId"]: row["Table__c"] for row in pair.world.org.rows("CampaignMember")}
    assert tables == {pair.adas: "8", pair.bobs: "8"}

    pair.undo()
    pair.run()

    tables = {row["ContactId"]: row["Table__c"] for row in pair.world.org.rows("CampaignMember")}
    assert tables == {pair.adas: None, pair.bobs: "8"}


def test_a_campaign_that_was_deleted_meanwhile() -> None:
    """There is nothing to come back to."""
    pair = Pair()
    pair.join(bob="Registered")
    pair.merge()
    delete_campaign("launch", now=pair.world.now, enough=lambda: True, stores=pair.world.campaigns)

    pair.undo()
    pair.run()

    assert pair.world.members_here() == {}
    assert pair.there == {"bob": "Registered"}


def test_the_indexes_know_of_nothing_yet() -> None:
    """The merge itself tells where to look."""
    pair = Pair(lagging_index=True, syncs=False)
    pair.world.join("launch", pair.bob, "Attended")
    pair.world.people.catch_up()
    pair.merge()

    pair.undo()

    assert pair.here == {"bob": "Attended"}


@pytest.mark.parametrize("writes", range(8))
def test_an_undoing_that_crashed_is_asked_for_again(writes: int) -> None:
    """Undoing it once more says that it is undone, and completes it."""
    pair = Pair()
    pair.world.campaign("autumn")
    pair.world.join("autumn", pair.bob, "Attended")
    pair.join(ada="Registered", bob="Attended")
    pair.merge()
    pair.world.cut_the_power_after(writes)
    try:
        pair.undo()
    except PowerCutError:
        pair.world.start_again()
        try:
            pair.undo()
        except StaleVersionError:
            assert writes
    pair.world.start_again()
    pair.run()

    assert pair.here == pair.there == {"ada": "Registered", "bob": "Attended"}
    assert pair.world.members_here("autumn") == {pair.bob: "Attended"}
    assert pair.rests()


def test_somebody_moves_the_survivor_meanwhile() -> None:
    """What is there by then is parted."""
    pair = Pair(syncs=False)
    pair.world.join("launch", pair.ada, "Registered")
    pair.world.join("launch", pair.bob, "Registered")
    pair.merge()

    left = ["Attended"]

    def rival(write: str) -> None:
        if write == "members.save" and pair.bob in pair.world.members_here() and left:
            pair.world.move("launch", pair.ada, left.pop())

    pair.world.rival = rival
    pair.undo()

    assert pair.here == {"ada": "Attended", "bob": "Registered"}


def test_others_keep_moving_the_survivor() -> None:
    """After some tries, the sender is told to try again."""
    pair = Pair(syncs=False)
    pair.world.join("launch", pair.ada, "Registered")
    pair.world.join("launch", pair.bob, "Registered")
    pair.merge()
    merge = pair.world.merges.get(pair.bob)
    assert merge

    def rival(write: str) -> None:
        if write == "members.save" and pair.bob in pair.world.members_here():
            pair.world.move("launch", pair.ada, "Attended")

    pair.world.rival = rival
    with pytest.raises(ChangedMeanwhileError):
        part_memberships(
            merge,
            now=pair.world.now,
            contacts=pair.world.contacts,
            stores=pair.world.campaigns,
        )


def test_who_is_added_to_the_campaign_before_it_is_back_there() -> None:
    """Somebody's newer wish is not overwritten."""
    pair = Pair(syncs=False)
    pair.world.join("launch", pair.bob, "Attended")
    pair.merge()

    left = ["Registered"]

    def rival(write: str) -> None:
        if write == "members.save" and left:
            pair.world.join("launch", pair.bob, left.pop())

    pair.world.rival = rival
    pair.undo()

    assert pair.here == {"bob": "Registered"}
