"""Which status stands for which on the other side."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.domain.campaigns import CampaignType, Removal, StatusMap
from counterpart.domain.member_rows import TheirStatus
from counterpart.domain.member_status import in_ours, in_theirs
from tests.contracts.stores.samples import CAMPAIGN_ID, NOON, a_type

NOTHING = StatusMap()


def their(*labels: str) -> list[TheirStatus]:
    """Return statuses of a Salesforce campaign, of which the first is the default."""
    return [
        TheirStatus(
            record_id=f"01Y00000000000{place}AAA",
            campaign_id=CAMPAIGN_ID,
            label=label,
            default=place == 0,
            responded=False,
            sort_order=place,
        )
        for place, label in enumerate(labels)
    ]


def replaced(label: str, replacement: str) -> CampaignType:
    """Return a type that had another status."""
    removal = Removal(label=label, replacement=replacement, removed_at=NOON)
    return a_type(removals=(removal,))


@pytest.mark.parametrize(
    ("theirs", "by_hand", "kind", "ours", "known"),
    [
        ("attended", NOTHING, a_type(), "Attended", True),
        ("VIP", NOTHING, a_type(), "Invited", False),
        ("VIP", StatusMap(to_ours={"vip": "Attended"}), a_type(), "Attended", True),
        ("Attended", StatusMap(to_ours={"Attended": "Invited"}), a_type(), "Invited", True),
        ("Seen", NOTHING, replaced("Seen", "Attended"), "Attended", True),
        (
            "VIP",
            StatusMap(to_ours={"VIP": "Seen"}),
            replaced("Seen", "Attended"),
            "Attended",
            True,
        ),
        ("VIP", StatusMap(to_ours={"VIP": "Gone"}), a_type(), "Invited", False),
    ],
)
def test_what_theirs_stands_for(
    theirs: str, by_hand: StatusMap, kind: CampaignType, ours: str, *, known: bool
) -> None:
    """By hand, else by label, else by what replaced it here; else it is our default."""
    told = in_ours(theirs, kind=kind, by_hand=by_hand)

    assert (told.label, told.known) == (ours, known)


@pytest.mark.parametrize(
    ("labels", "by_hand", "kind", "theirs", "known"),
    [
        (("Sent", "ATTENDED"), NOTHING, a_type(), "ATTENDED", True),
        (("Sent", "Responded"), NOTHING, a_type(), "Sent", False),
        (
            ("Sent", "Responded"),
            StatusMap(to_theirs={"ATTENDED": "responded"}),
            a_type(),
            "Responded",
            True,
        ),
        (
            ("Sent", "Attended"),
            StatusMap(to_theirs={"Attended": "VIP"}),
            a_type(),
            "Attended",
            True,
        ),
        (("Sent", "Seen"), NOTHING, replaced("Seen", "Attended"), "Seen", True),
        (("Sent", "Seen", "Attended"), NOTHING, replaced("Seen", "Attended"), "Attended", True),
    ],
)
def test_what_ours_stands_for(
    labels: tuple[str, ...], by_hand: StatusMap, kind: CampaignType, theirs: str, *, known: bool
) -> None:
    """By hand, else by label, else by one that ours has replaced; else it is their default."""
    told = in_theirs("Attended", kind=kind, statuses=their(*labels), by_hand=by_hand)

    assert (told.label, told.known) == (theirs, known)


@given(label=st.sampled_from(["Invited", "Registered", "Attended"]))
def test_what_both_sides_have_comes_back_as_it_went(label: str) -> None:
    """A status that is known on both sides never turns into another one."""
    statuses = their("Sent", "Invited", "REGISTERED", "attended")

    there = in_theirs(label, kind=a_type(), statuses=statuses, by_hand=NOTHING)
    back = in_ours(there.label, kind=a_type(), by_hand=NOTHING)

    assert (back.label, back.known) == (label, True)


def test_what_somebody_said_stands_before_what_was_guessed() -> None:
    """However the labels are spelt."""
    said = StatusMap(to_theirs={"Attended": "Responded"}, to_ours={"Sent": "Invited"})
    guessed = StatusMap(
        to_theirs={"ATTENDED": "Sent", "Invited": "Sent"},
        to_ours={"sent": "Attended", "Responded": "Attended"},
    )

    both = said.completed(guessed)

    assert both.theirs("attended") == "Responded"
    assert both.theirs("invited") == "Sent"
    assert both.ours("SENT") == "Invited"
    assert both.ours("responded") == "Attended"
    assert said.completed(NOTHING) == said
