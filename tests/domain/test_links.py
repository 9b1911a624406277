"""What a write of a link moves."""

from __future__ import annotations

import pytest

from counterpart.domain.links import Link, LinkState, Move, move_by
from counterpart.domain.records import SObject


def a_link(state: LinkState, subject_id: str | None, sobject: SObject = SObject.LEAD) -> Link:
    """Return a link of one record."""
    return Link(record_id="00QA", object=sobject, state=state, subject_id=subject_id)


@pytest.mark.parametrize("former", [one for one in LinkState if one is not LinkState.DELETED_HERE])
@pytest.mark.parametrize("state", LinkState)
def test_a_record_that_becomes_another_contacts_moves(state: LinkState, former: LinkState) -> None:
    """Whatever it was to the one, and is to the other; be that nobody."""
    for owner in ("bob", None):
        moved = move_by(a_link(state, owner), a_link(former, "ada"))

        assert moved == Move("ada", "00QA")


@pytest.mark.parametrize("state", LinkState)
def test_whose_a_record_is_first_of_all_is_no_move(state: LinkState) -> None:
    """Nobody has followed it as that contact's."""
    skipped = a_link(LinkState.SKIPPED, None)

    assert move_by(a_link(state, "ada"), None) is None
    assert move_by(a_link(state, "ada"), skipped) is None


@pytest.mark.parametrize("state", LinkState)
def test_the_record_of_a_contact_that_was_deleted_here_is_no_move(state: LinkState) -> None:
    """Whoever deletes a contact takes it out of its campaigns, and keeps its people aside."""
    for owner in ("ada", "bob", None):
        assert move_by(a_link(state, owner), a_link(LinkState.DELETED_HERE, "ada")) is None


@pytest.mark.parametrize(
    ("former", "state", "moves"),
    [
        # A row of the counterpart counts more than one of a further record.
        (LinkState.SECONDARY, LinkState.LINKED, True),
        (LinkState.LINKED, LinkState.SECONDARY, True),
        (LinkState.LINKED, LinkState.LINKED, False),
        (LinkState.LINKED, LinkState.DELETED_THERE, False),
        (LinkState.LINKED, LinkState.DELETED_HERE, False),
        (LinkState.LINKED, LinkState.CONVERTED, False),
        (LinkState.SECONDARY, LinkState.MERGED, False),
        (LinkState.DELETED_THERE, LinkState.LINKED, False),
    ],
)
def test_a_record_that_stays_moves_if_it_counts_otherwise(
    former: LinkState,
    state: LinkState,
    moves: bool,  # noqa: FBT001 - a case
) -> None:
    """The end of a link is none: until it is another contact's, what followed it goes on."""
    moved = move_by(a_link(state, "ada"), a_link(former, "ada"))

    assert (moved is not None) is moves


def test_an_account_that_moves_concerns_no_memberships() -> None:
    """Companies are members of nothing."""
    one, other = (a_link(LinkState.LINKED, each, SObject.ACCOUNT) for each in ("acme", "globex"))

    assert move_by(other, one) is None
