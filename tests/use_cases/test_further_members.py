"""Members in Salesforce by a further record, that of a contact which was merged into another."""

from __future__ import annotations

import pytest

from counterpart.domain.outcomes import Reason
from tests.use_cases.pairing import Pair
from tests.use_cases.world import PowerCutError


def merged(*, syncs: bool = True) -> Pair:
    """Return a pair of which one was merged into the other before either was a member."""
    pair = Pair(syncs=syncs)
    pair.merge()
    pair.run()
    return pair


def followed(pair: Pair) -> str:
    """Return by whose row Ada is a member."""
    held = pair.world.member("launch", pair.ada).counterpart
    assert held
    return {pair.adas: "ada", pair.bobs: "bob"}[held.person_id]


def stays(pair: Pair) -> bool:
    """Return whether Ada's membership is not written again, though rows are read again."""
    pair.run()
    before = pair.world.member("launch", pair.ada)
    for _ in range(3):
        for row in pair.world.org.rows("CampaignMember"):
            if not row["IsDeleted"]:
                pair.world.org.touch(row["Id"])
        pair.run()
    return pair.world.member("launch", pair.ada) == before


def test_the_survivor_is_the_member() -> None:
    """It is a contact, and it is a member there; nobody is told otherwise."""
    pair = merged()

    pair.world.their_member(pair.record_id, pair.bobs, "Attended")
    report = pair.world.sync()

    assert pair.here == {"ada": "Attended"}
    assert Reason.NOT_A_CONTACT not in report.skipped
    assert stays(pair)


def test_a_campaign_that_is_linked_after_the_merge() -> None:
    """Its first reading finds the survivor, and no second row is made for it."""
    pair = merged(syncs=False)
    pair.world.their_member(pair.record_id, pair.bobs, "Attended")
    pair.world.join("launch", pair.ada, "Registered")

    pair.world.choose("launch", to=pair.record_id)
    pair.run()
    pair.run()

    assert pair.here == {"ada": "Attended"}
    assert pair.there == {"bob": "Attended"}
    assert followed(pair) == "bob"


def test_a_move_here_goes_to_that_row() -> None:
    """It is the only one by which the person is a member."""
    pair = merged()
    pair.world.their_member(pair.record_id, pair.bobs, "Registered")
    pair.run()

    pair.world.move("launch", pair.ada, "Attended")
    pair.run()

    assert pair.there == {"bob": "Attended"}


@pytest.mark.parametrize("first", ["ada", "bob", "both"])
def test_the_row_of_the_counterpart_decides(first: str) -> None:
    """Whichever came first, and it stays that way."""
    pair = merged()
    rows = {"ada": (pair.adas, "Attended"), "bob": (pair.bobs, "Registered")}
    order = ["ada", "bob"] if first == "ada" else ["bob", "ada"]
    for name in order:
        pair.world.their_member(pair.record_id, *rows[name])
        if first != "both":
            pair.run()
            pair.world.wait()
    pair.run()

    assert pair.here == {"ada": "Attended"}
    assert followed(pair) == "ada"
    assert stays(pair)
    assert followed(pair) == "ada"


def test_the_counterpart_is_a_lead_and_the_further_record_a_contact() -> None:
    """The counterpart's row counts more all the same."""
    pair = Pair()
    lead_id = pair.world.lead("eve@example.com")
    pair.world.wait()
    pair.world.pull()
    eve = pair.world.of(lead_id).id
    pair.world.merge(eve, pair.bob)
    pair.world.their_member(pair.record_id, pair.bobs, "Registered")
    pair.run()
    assert pair.world.members_here() == {eve: "Registered"}
    pair.world.their_member(pair.record_id, lead_id, "Attended")
    pair.run()
    pair.world.org.touch(
        next(
            row["Id"]
            for row in pair.world.org.rows("CampaignMember")
            if row["ContactId"] == pair.bobs
        )
    )

    pair.run()

    assert pair.world.members_here() == {eve: "Attended"}
    held = pair.world.member("launch", eve).counterpart
    assert held
    assert held.person_id == lead_id


def test_the_row_of_the_counterpart_is_deleted_there() -> None:
    """The person is a member still, by the other row."""
    pair = merged()
    pair.world.their_member(pair.record_id, pair.bobs, "Registered")
    row_id = pair.world.their_member(pair.record_id, pair.adas, "Attended")
    pair.run()
    assert followed(pair) == "ada"
    pair.world.wait()
    pair.world.org.delete(row_id)

    pair.run()

    assert followed(pair) == "bob"
    assert pair.there == {"bob": "Registered"}
    assert pair.here.keys() == {"ada"}
    assert stays(pair)


def test_a_removal_here_takes_all_rows_of_the_person_along() -> None:
    """Otherwise it would be a member there, and come back."""
    pair = merged()
    pair.world.their_member(pair.record_id, pair.bobs, "Registered")
    pair.world.their_member(pair.record_id, pair.adas, "Attended")
    pair.run()

    pair.world.remove("launch", pair.ada)
    for _ in range(3):
        pair.run()

    assert pair.here == pair.there == {}


@pytest.mark.parametrize("by_lead_first", [True, False])
def test_a_removal_here_takes_the_row_of_the_lead_that_the_person_was_along(
    *, by_lead_first: bool
) -> None:
    """A conversion passes by rows whose campaign is in the recycle bin, and leaves two of them."""
    pair = Pair()
    world = pair.world
    lead_id = world.lead("eve@example.com")
    rows = [world.their_member(pair.record_id, lead_id, "Registered")]
    if not by_lead_first:
        rows.insert(0, world.their_member(pair.record_id, pair.adas, "Attended"))
        pair.run()
    world.org.delete(pair.record_id)
    world.org.convert(lead_id, contact_id=pair.adas)
    world.org.undelete(pair.record_id)
    pair.run()
    if by_lead_first:
        rows.append(world.their_member(pair.record_id, pair.adas, "Attended"))
        pair.run()
    assert world.row_followed(pair.ada) == rows[0]

    world.remove("launch", pair.ada)
    for _ in range(3):
        pair.run()

    assert pair.here == world.members_there(pair.record_id) == {}


def test_who_loses_its_row_there_goes_on_by_that_of_the_lead_that_it_was() -> None:
    """It is a member there still."""
    pair = Pair()
    world = pair.world
    lead_id = world.lead("eve@example.com")
    others = world.their_member(pair.record_id, lead_id, "Registered")
    row_id = world.their_member(pair.record_id, pair.adas, "Attended")
    pair.run()
    world.org.delete(pair.record_id)
    world.org.convert(lead_id, contact_id=pair.adas)
    world.org.undelete(pair.record_id)
    pair.run()
    world.wait(60)
    pair.run()
    assert world.row_followed(pair.ada) == row_id

    world.org.delete(row_id)
    pair.run()

    assert world.row_followed(pair.ada) == others


def test_who_was_removed_is_added_there_by_a_further_record() -> None:
    """The removal is called off, and the contact's own row is followed, which is there still."""
    pair = Pair()
    pair.merge()
    world = pair.world
    row_id = world.their_member(pair.record_id, pair.adas, "Attended")
    pair.run()
    world.remove("launch", pair.ada)
    world.wait(1)
    world.their_member(pair.record_id, pair.bobs, "Attended")

    pair.run()

    assert world.row_followed(pair.ada) == row_id
    assert pair.here == {"ada": "Attended"}
    assert pair.there == {"ada": "Attended", "bob": "Attended"}
    assert pair.rests()


def test_the_own_row_is_gone_of_who_was_removed_and_added_by_a_further_record() -> None:
    """Then the further row is the one to follow."""
    pair = Pair()
    pair.merge()
    world = pair.world
    row_id = world.their_member(pair.record_id, pair.adas, "Attended")
    pair.run()
    world.remove("launch", pair.ada)
    world.wait(1)
    further = world.their_member(pair.record_id, pair.bobs, "Attended")
    world.org.delete(row_id)

    pair.run()

    assert world.row_followed(pair.ada) == further
    assert pair.there == {"bob": "Attended"}


def test_the_merge_is_undone() -> None:
    """The row goes back with the person that it is about."""
    pair = merged()
    pair.world.their_member(pair.record_id, pair.bobs, "Attended")
    pair.run()

    assert pair.undo() == ()
    pair.run()

    assert pair.here == pair.there == {"bob": "Attended"}
    assert pair.rests()


def test_the_merge_is_undone_and_both_have_a_row() -> None:
    """Each is a member by its own."""
    pair = merged()
    pair.world.their_member(pair.record_id, pair.adas, "Attended")
    pair.run()
    pair.world.their_member(pair.record_id, pair.bobs, "Registered")
    pair.run()
    pair.world.wait(60)

    pair.undo()
    pair.run()

    assert pair.here == pair.there == {"ada": "Attended", "bob": "Registered"}
    assert pair.rests()


def test_who_was_outside_is_merged_before_anybody_looks_again() -> None:
    """The survivor is the member once that look comes."""
    pair = Pair()
    eves = pair.world.person("eve@example.com")
    pair.world.their_member(pair.record_id, eves, "Attended")
    pair.run()
    assert pair.here == {}
    pair.world.pull()
    pair.world.merge(pair.ada, pair.world.of(eves).id)
    pair.world.wait(60)

    pair.run()

    assert pair.here == {"ada": "Attended"}


def test_the_further_record_is_converted_before_anybody_knows() -> None:
    """The row of the Contact that it becomes counts no more than it did."""
    pair = Pair()
    own, further = pair.world.lead("eve@example.com"), pair.world.lead("fay@example.com")
    pair.world.wait()
    pair.world.pull()
    eve = pair.world.of(own).id
    pair.world.merge(eve, pair.world.of(further).id)
    pair.world.their_member(pair.record_id, own, "Attended")
    pair.run()
    pair.world.their_member(pair.record_id, further, "Registered")
    pair.world.org.convert(further)

    pair.run()

    held = pair.world.member("launch", eve).counterpart
    assert held
    assert held.person_id == own
    pair.world.pull()
    pair.run()
    assert pair.rests()


def test_the_row_of_a_further_record_that_was_converted_is_read_first() -> None:
    """The counterpart's, which is read before that Contact is known, counts more all the same."""
    pair = Pair()
    own, further = pair.world.lead("eve@example.com"), pair.world.lead("fay@example.com")
    pair.world.wait()
    pair.world.pull()
    eve = pair.world.of(own).id
    pair.world.merge(eve, pair.world.of(further).id)
    pair.world.their_member(pair.record_id, further, "Registered")
    contact_id = pair.world.org.convert(further)
    pair.run()
    held = pair.world.member("launch", eve).counterpart
    assert held
    assert held.person_id == contact_id
    # Past every overlap.
    for _ in range(2):
        pair.world.wait(30)
        pair.world.sync()
    row_id = pair.world.their_member(pair.record_id, own, "Attended")

    pair.run()

    assert pair.world.row_followed(eve) == row_id
    assert pair.world.members_here() == {eve: "Attended"}
    pair.world.pull()
    # As late as those are looked at who were unknown.
    pair.world.wait(60)
    pair.run()
    assert pair.world.row_followed(eve) == row_id
    assert pair.rests()


def test_a_deletion_broke_off_before_the_merge() -> None:
    """The record that was to stay outside counts less than the counterpart."""
    pair = Pair()
    pair.world.their_member(pair.record_id, pair.bobs, "Registered")
    pair.run()
    pair.world.cut_the_power_after(1)
    with pytest.raises(PowerCutError):
        pair.world.delete(pair.bob)
    pair.world.start_again()
    pair.merge()
    pair.run()
    assert followed(pair) == "bob"

    pair.world.their_member(pair.record_id, pair.adas, "Attended")
    pair.run()

    assert followed(pair) == "ada"
    assert stays(pair)
