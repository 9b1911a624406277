"""The guard: what is counted, and how much of it is too much."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.domain.contacts import Contact
from counterpart.domain.guard import Danger, Dangers, Hold, dangers, dangers_of, is_too_much
from counterpart.domain.links import Link, LinkState
from counterpart.domain.mapping import Mode
from counterpart.domain.outcomes import Reason
from counterpart.domain.page_plan import Change, PagePlan
from counterpart.domain.records import SObject
from counterpart.domain.standard_fields import CONTACT_FIELDS
from counterpart.domain.sync_settings import Guard, SyncSettings
from tests.domain.pages import Book, a_person, merged_into, somebody
from tests.domain.samples import HOUR, MINUTE, NOON, law, record_id

NUMBERS = st.integers(0, 10_000)
GUARDS = st.builds(
    Guard, share_percent=st.integers(0, 100), minimum=st.integers(min_value=1, max_value=1000)
)


def some(number: int, danger: Danger = Danger.UNLINKED) -> Dangers:
    """Return as many of one kind."""
    return Dangers(counts={danger: number})


def a_hold(*, approved: bool = False) -> Hold:
    """Return a hold of the stream of contacts."""
    return Hold(
        id="Contact/one",
        step="Contact:gone",
        dangers=dangers([(Danger.UNLINKED, "a"), (Danger.DELETED, "b")]),
        of=3,
        complete=True,
        held_at=NOON,
        looked_at=NOON,
        approved=approved,
    )


@law
@given(NUMBERS, NUMBERS, GUARDS)
def test_too_much_is_many_and_a_large_share(number: int, of: int, guard: Guard) -> None:
    """Few always pass, and so does a small share; what is both many and much does not."""
    expected = number >= guard.minimum and number > of * guard.share_percent / 100

    assert is_too_much(some(number), of=of, guard=guard) is expected


@law
@given(NUMBERS, NUMBERS, NUMBERS, GUARDS)
def test_more_is_never_less_dangerous(number: int, more: int, of: int, guard: Guard) -> None:
    """Monotone: a count that is too much stays so while it grows."""
    if is_too_much(some(number), of=of, guard=guard):
        assert is_too_much(some(number + more), of=of, guard=guard)


def test_everything_may_pass() -> None:
    """A share of 100 % is never exceeded."""
    assert not is_too_much(some(1000), of=1000, guard=Guard(share_percent=100, minimum=1))


def test_what_a_plan_would_do() -> None:
    """Links that end or move, contacts that go, values that are blanked; nothing else."""
    plan: PagePlan[Contact] = PagePlan(
        verdicts={
            "a": Change.UNLINKED,
            "b": Change.RELINKED,
            "c": Change.DELETED,
            "d": Change.UPDATED,
            "e": Change.CREATED,
            "f": Reason.NO_CHANGE,
        },
        blanked={"d"},
    )

    found = dangers_of(plan)

    assert found.counts == dict.fromkeys(Danger, 1)
    assert found.examples == ("a", "b", "c", "d")
    assert (found.total, found.gone) == (4, 3)


def test_who_moves_counts_once() -> None:
    """Whose new record lacks a value as well is one record of all, and no share is doubled."""
    winner = a_person(2, job_title=None)
    loser = merged_into(winner, 1)
    book = Book(org={winner.id: winner}).holds(somebody(number=1))

    fields = tuple(replace(each, mode=Mode.ALWAYS_SALESFORCE) for each in CONTACT_FIELDS)
    plan = book.plan(loser, settings=SyncSettings(fields=fields))

    assert plan.blanked == {winner.id}
    assert dangers_of(plan).counts == {Danger.RELINKED: 1}


@pytest.mark.parametrize(
    ("account", "lost"),
    [(None, True), (record_id(2, SObject.ACCOUNT), True), (record_id(1, SObject.ACCOUNT), False)],
)
def test_a_contact_that_leaves_its_company(account: str | None, lost: bool) -> None:  # noqa: FBT001 - a row
    """To belong to nobody is to be blanked, be its Account gone or one that is no company here."""
    acme = Link(
        record_id=record_id(1, SObject.ACCOUNT),
        object=SObject.ACCOUNT,
        state=LinkState.LINKED,
        subject_id="acme",
    )
    ada = somebody(number=1, sobject=SObject.CONTACT, account_id=acme.record_id, company_id="acme")
    book = Book().holds(ada, acme)

    found = dangers_of(book.plan(a_person(1, SObject.CONTACT, account_id=account)))

    assert found.counts == ({Danger.BLANKED: 1} if lost else {})


def test_counts_add_up() -> None:
    """With the first few examples."""
    first = dangers([(Danger.UNLINKED, key) for key in "abc"])
    second = dangers([(Danger.UNLINKED, "d"), (Danger.BLANKED, "e"), (Danger.BLANKED, "f")])

    assert first + second == Dangers(
        counts={Danger.UNLINKED: 4, Danger.BLANKED: 2}, examples=tuple("abcde")
    )


@pytest.mark.parametrize(
    ("approved", "later", "waits"),
    [
        (False, MINUTE, True),
        (False, HOUR, False),
        (True, MINUTE, False),
    ],
)
def test_a_hold_waits(approved: bool, later: timedelta, waits: bool) -> None:  # noqa: FBT001 - a row
    """For a yes, or until it is time to see whether its cause went away."""
    assert a_hold(approved=approved).waits(NOON + later, pause=HOUR) is waits


def test_a_hold_says_what_it_would_do_and_how_to_go_on() -> None:
    """It names counts, examples, the settings and the payload."""
    told = a_hold().sentence(Guard(share_percent=20, minimum=2))

    for part in ("1 unlinked", "1 deleted", "of 3", "20 %", "a, b", '{"approve": "Contact/one"}'):
        assert part in told
    assert "2 or more that are more than 20 % need a yes" in told
    assert a_hold().stream == "Contact"


def test_a_hold_to_which_somebody_said_yes() -> None:
    """Nobody is asked for what was given already."""
    told = a_hold(approved=True).sentence(Guard())

    assert told.endswith("Somebody said yes, so it goes on with its next run.")
    assert "approve" not in told
