"""Removals of contacts whose rows, or those of their records, are about others by now."""

from __future__ import annotations

import pytest

from tests.use_cases.pairing import Pair
from tests.use_cases.world import PowerCutError


def with_a_lead(pair: Pair) -> tuple[str, str]:
    """Return a further contact of which a lead is the counterpart, and that lead."""
    lead_id = pair.world.lead("eve@example.com")
    pair.world.wait()
    pair.world.pull()
    return pair.world.of(lead_id).id, lead_id


def rests_with_bob(pair: Pair) -> bool:
    """Return whether Bob alone is a member, on both sides, and stays that."""
    found = (pair.world.members_here(), pair.there)
    return found == ({pair.bob: "Attended"}, {"bob": "Attended"}) and pair.rests()


def test_the_row_of_a_further_record_is_anothers() -> None:
    """The lead has become another contact's Contact, which the links do not know as yet."""
    pair = Pair()
    eve, lead_id = with_a_lead(pair)
    pair.world.merge(pair.ada, eve)
    pair.world.their_member(pair.record_id, pair.adas, "Registered")
    pair.world.their_member(pair.record_id, lead_id, "Attended")
    pair.run()
    pair.world.wait()
    pair.world.org.convert(lead_id, contact_id=pair.bobs)
    pair.run()

    pair.world.remove("launch", pair.ada)
    pair.run()

    assert rests_with_bob(pair)


def test_the_row_that_is_followed_went_over() -> None:
    """It did so after rows were read, and before the removal crossed."""
    pair = Pair()
    eve, lead_id = with_a_lead(pair)
    pair.world.their_member(pair.record_id, lead_id, "Attended")
    pair.run()
    pair.world.remove("launch", eve)
    pair.world.wait()
    pair.world.on_write["streams.release"] = lambda: pair.world.org.convert(
        lead_id, contact_id=pair.bobs
    )

    pair.world.sync()

    assert rests_with_bob(pair)
    assert eve not in {each.contact_id for each in pair.world.people.page("launch", limit=9).items}


def test_the_row_that_is_followed_went_over_and_there_is_another() -> None:
    """That one goes, as it is about who was removed."""
    pair = Pair()
    eve, lead_id = with_a_lead(pair)
    pair.world.merge(eve, pair.ada)
    pair.world.their_member(pair.record_id, lead_id, "Attended")
    pair.world.their_member(pair.record_id, pair.adas, "Registered")
    pair.run()
    assert pair.world.member("launch", eve).counterpart
    pair.world.remove("launch", eve)
    pair.world.wait()
    pair.world.on_write["streams.release"] = lambda: pair.world.org.convert(
        lead_id, contact_id=pair.bobs
    )

    pair.world.sync()
    pair.run()

    assert rests_with_bob(pair)


def test_who_is_removed_was_being_deleted_and_the_record_is_anothers() -> None:
    """The contact names it still, as the deletion broke off; the row is that of its new owner."""
    pair = Pair()
    pair.world.cut_the_power_after(1)
    with pytest.raises(PowerCutError):
        pair.world.delete(pair.ada)
    pair.world.start_again()
    pair.world.org.merge(pair.adas, pair.bobs)
    pair.world.pull()
    assert pair.world.of(pair.adas).id == pair.bob
    pair.world.their_member(pair.record_id, pair.adas, "Attended")
    pair.run()
    pair.world.join("launch", pair.ada)
    pair.world.remove("launch", pair.ada)

    pair.run()

    assert pair.world.members_here() == {pair.bob: "Attended"}
    assert pair.there == {"ada": "Attended"}
