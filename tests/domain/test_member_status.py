"""Statuses on both sides: which stands for which, and whose crosses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.domain.campaigns import CampaignType, MemberStatus, StatusMap, status_key
from counterpart.domain.member_rows import TheirStatus, find_status, short_label
from counterpart.domain.member_status import (
    STATUS_PULL,
    STATUS_PUSH,
    Translated,
    in_ours,
    in_theirs,
    who_changed,
)
from counterpart.domain.members import Agreement
from counterpart.domain.policy import Changed, Verdict

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=1)
LABELS = st.text(min_size=1, max_size=60).filter(lambda label: bool(label.strip()))
TYPE = CampaignType(
    id="type",
    name="Webinar",
    statuses=(MemberStatus(label="Registered"), MemberStatus(label="Attended", success=True)),
    created_at=NOON,
    updated_at=NOON,
)


def theirs(*labels: str, default: int = 0) -> list[TheirStatus]:
    """Return the statuses of a campaign there."""
    return [
        TheirStatus(
            record_id=f"01Y{place}",
            campaign_id="701",
            label=label,
            default=place == default,
            responded=False,
            sort_order=place,
        )
        for place, label in enumerate(labels)
    ]


def changed(
    ours: str,
    their: str,
    agreed: Agreement | None,
    *,
    ours_later: bool = False,
    unwritten: bool = False,
) -> Changed:
    """Return who has changed a status."""
    return who_changed(
        ours=ours,
        theirs=their,
        agreed=agreed,
        translated=in_ours(their, kind=TYPE, by_hand=StatusMap()),
        our_time=LATER if ours_later else NOON,
        their_time=NOON if ours_later else LATER,
        unwritten=unwritten,
    )


def test_both_tables_are_total() -> None:
    """No situation is left without an answer."""
    assert set(STATUS_PULL) == set(STATUS_PUSH) == set(Changed)


def test_what_is_ours_is_always_sent_and_nothing_else_is() -> None:
    """Whatever the times say."""
    sent = {who for who, verdict in STATUS_PUSH.items() if verdict is Verdict.SEND}

    assert sent == {Changed.OURS, Changed.BOTH_OURS_LATER, Changed.BOTH_THEIRS_LATER}


@pytest.mark.parametrize(
    ("ours", "their", "ours_later", "expected"),
    [
        ("Registered", "Registered", False, Changed.NEITHER),
        ("Attended", "Registered", False, Changed.OURS),
        ("Registered", "Attended", True, Changed.THEIRS),
        ("Attended", "No show", True, Changed.BOTH_OURS_LATER),
        ("Attended", "No show", False, Changed.BOTH_THEIRS_LATER),
        # However it is spelt.
        ("registered ", "REGISTERED", False, Changed.NEITHER),
    ],
)
def test_a_side_has_changed_if_it_left_what_was_agreed(
    ours: str, their: str, expected: Changed, *, ours_later: bool
) -> None:
    """And only then, whatever the times say."""
    agreed = Agreement(ours="Registered", theirs="Registered")

    assert changed(ours, their, agreed, ours_later=ours_later) is expected


def test_a_fallback_is_no_change() -> None:
    """The source status stands behind it, on either side."""
    assert changed("Registered", "VIP", Agreement(ours="Registered", theirs="VIP")) is (
        Changed.NEITHER
    )
    assert changed("Attended", "Sent", Agreement(ours="Attended", theirs="Sent")) is (
        Changed.NEITHER
    )


@pytest.mark.parametrize(
    ("ours_later", "unwritten", "expected"),
    [
        (True, True, Changed.BOTH_OURS_LATER),
        (True, False, Changed.THEIRS),
        (False, True, Changed.THEIRS),
    ],
)
def test_an_older_change_of_theirs_is_no_news_where_ours_was_never_written(
    expected: Changed, *, ours_later: bool, unwritten: bool
) -> None:
    """Where it was, the row was free, and what came after it is later."""
    agreed = Agreement(ours="Attended", theirs="Sent")

    who = changed("Attended", "Registered", agreed, ours_later=ours_later, unwritten=unwritten)

    assert who is expected


@pytest.mark.parametrize("ours_later", [True, False])
def test_at_the_first_meeting_the_later_wins(*, ours_later: bool) -> None:
    """Unless both say the same already."""
    winner = Changed.BOTH_OURS_LATER if ours_later else Changed.BOTH_THEIRS_LATER

    assert changed("Registered", "Attended", None, ours_later=ours_later) is winner
    assert changed("Attended", "attended", None, ours_later=ours_later) is Changed.NEITHER


@given(LABELS)
def test_an_unknown_status_becomes_the_default_of_the_other_side(label: str) -> None:
    """Nobody is lost for want of a status."""
    ours = in_ours(label, kind=TYPE, by_hand=StatusMap())
    there = in_theirs(label, kind=TYPE, statuses=theirs("Sent", "Responded"), by_hand=StatusMap())

    assert TYPE.find(ours.label)
    assert ours.known or ours.label == "Registered"
    assert there.label in {"Sent", "Responded"}
    assert there.known or there.label == "Sent"


def test_a_campaign_without_a_default_takes_what_it_is_given() -> None:
    """As Salesforce does."""
    there = in_theirs("Registered", kind=TYPE, statuses=[], by_hand=StatusMap())

    assert there == Translated("Registered", known=False)


def test_the_map_by_hand_comes_first() -> None:
    """Where it names a status that exists."""
    by_hand = StatusMap(
        to_theirs={"registered": "Responded", "attended": "gone"}, to_ours={"sent": "Attended"}
    )
    statuses = theirs("Registered", "Responded")

    assert in_theirs("Registered", kind=TYPE, statuses=statuses, by_hand=by_hand).label == (
        "Responded"
    )
    assert in_theirs("Attended", kind=TYPE, statuses=statuses, by_hand=by_hand) == Translated(
        "Registered", known=False
    )
    assert in_ours("SENT", kind=TYPE, by_hand=by_hand) == Translated("Attended", known=True)


@given(LABELS)
def test_a_long_label_is_found_again_where_it_was_cut(label: str) -> None:
    """Salesforce has room for forty characters."""
    there = theirs(short_label(label))

    assert len(short_label(label)) <= 40
    assert find_status(label, there) == there[0]
    assert status_key(short_label(short_label(label))) == status_key(short_label(label))
