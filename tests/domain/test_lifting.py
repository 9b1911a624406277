"""An opt-in over a refusal, and what is in doubt of it once another record may have refused."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from counterpart.domain.contacts import Contact, Ledger
from counterpart.domain.explaining import explain_fields
from counterpart.domain.lifting import is_unheard
from counterpart.domain.links import Secondary
from counterpart.domain.mapping import OPTED_OUT
from counterpart.domain.opting_in import opted_in
from counterpart.domain.outcomes import Reason
from counterpart.domain.policy import Verdict
from counterpart.domain.pushing import settled
from counterpart.domain.records import Record, SObject
from counterpart.domain.secondary_records import told_further, with_secondary
from counterpart.domain.sync_settings import SyncSettings
from tests.domain.pages import Book, a_lead_that_became, a_person, merged_into, reasons, somebody
from tests.domain.samples import (
    HOUR,
    MINUTE,
    NOON,
    SECOND,
    a_contact,
    a_counterpart,
    a_record,
    record_id,
)

SETTINGS = SyncSettings()
LIFTING = Ledger(
    values={"email": "ada@example.com", OPTED_OUT: False},
    times={"email": NOON, OPTED_OUT: NOON},
    shadows={"email": "ada@example.com", OPTED_OUT: True},
)


def lifting(**counterpart: Any) -> Contact:  # noqa: ANN401 - what a counterpart has
    """Return Ada, whose first lead refused, and who was opted in here since."""
    return somebody(counterpart=a_counterpart(1, **counterpart), ledger=LIFTING)


def refusing(number: int = 9, sobject: SObject = SObject.CONTACT, **details: Any) -> Record:  # noqa: ANN401 - what a record has
    """Return a record whose box is ticked."""
    values = {"email": "ada@example.com", OPTED_OUT: True}
    return a_record(number, sobject, values=values, **details)


# --- Records that take over ----------------------------------------------------------------------


@pytest.mark.failure("F58")
@pytest.mark.parametrize(
    ("created_at", "stands"),
    [
        (NOON - SECOND, False),
        (NOON - 5 * SECOND, False),
        (NOON - 6 * SECOND, True),
        (NOON - HOUR, True),
        (None, True),
    ],
)
def test_the_contact_that_a_lead_became(created_at: datetime | None, *, stands: bool) -> None:
    """One that the conversion made holds the refusal of its lead; another may hold its own."""
    contact = refusing(created_at=created_at)
    book = Book().holds(lifting())

    plan = book.pull(a_lead_that_became(contact), contact)

    assert book.contacts["ada"].ledger.values[OPTED_OUT] is stands
    assert (Reason.BOTH_CHANGED in reasons(plan)) is stands


@pytest.mark.failure("F58")
def test_the_winner_of_a_merge() -> None:
    """Whoever merged them in Salesforce kept a refusal that was never seen here."""
    winner = refusing(9, SObject.LEAD)
    book = Book().holds(lifting())

    plan = book.pull(merged_into(winner, 1), winner)

    assert book.contacts["ada"].ledger.values[OPTED_OUT] is True
    assert Reason.BOTH_CHANGED in reasons(plan)


@pytest.mark.failure("F58")
@pytest.mark.parametrize("at_once", [True, False])
def test_a_contact_made_of_the_winner_of_a_merge(*, at_once: bool) -> None:
    """It is new, but what it holds is the refusal of the winner, which nobody here ever saw."""
    contact = refusing(created_at=NOON)
    winner = a_lead_that_became(contact, 8)
    book = Book().holds(lifting())

    if at_once:
        book.pull(merged_into(a_person(8), 1), winner, contact)
    else:
        book.pull(merged_into(a_person(8), 1))
        book.pull(winner, contact)

    assert book.contacts["ada"].record_id == contact.id
    assert book.contacts["ada"].ledger.values[OPTED_OUT] is True


def test_a_further_record_that_takes_over() -> None:
    """Its refusal was known when somebody lifted it, so nothing is in doubt."""
    further = Secondary(
        record_id=record_id(9),
        object=SObject.LEAD,
        linked_at=NOON,
        came_from="eve",
        modstamp=NOON,
        shadows=LIFTING.shadows,
    )
    winner = refusing(9, SObject.LEAD, at=NOON + MINUTE)
    book = Book().holds(replace(lifting(), secondaries=(further,)))

    book.pull(merged_into(winner, 1), winner)

    assert book.contacts["ada"].record_id == winner.id
    assert book.contacts["ada"].ledger.values[OPTED_OUT] is False


def test_an_heir_that_does_not_refuse() -> None:
    """Nothing is in doubt any more once its box was seen, and a later refusal is a later one."""
    winner = a_record(9, values={"email": "ada@example.com", OPTED_OUT: False})
    book = Book().holds(lifting())

    plan = book.pull(merged_into(winner, 1), winner)

    ada = book.contacts["ada"]
    assert not ada.opted_out
    assert ada.counterpart
    assert not ada.counterpart.may_refuse
    assert Reason.BOTH_CHANGED not in reasons(plan)


def test_an_heir_whose_box_is_hidden() -> None:
    """Until it is shown, it is not known whether it refuses, and the person counts as opted out."""
    hidden = a_person(9, job_title="Boss")
    book = Book().holds(lifting())

    book.pull(merged_into(hidden, 1), hidden)
    hidden_yet = book.contacts["ada"]
    book.pull(refusing(9, SObject.LEAD, at=NOON + MINUTE))

    assert hidden_yet.opted_out
    assert hidden_yet.ledger.values[OPTED_OUT] is False
    assert book.contacts["ada"].ledger.values[OPTED_OUT] is True


@pytest.mark.failure("F58")
@pytest.mark.parametrize("created_at", [NOON, NOON - HOUR])
def test_an_opt_in_without_an_answer_and_a_conversion(created_at: datetime) -> None:
    """The opt-in may have been there before the lead was ticked again, and converted."""
    contact = refusing(created_at=created_at)
    book = Book().holds(lifting(lifted_over=NOON - MINUTE))

    book.pull(a_lead_that_became(contact), contact)

    assert book.contacts["ada"].ledger.values[OPTED_OUT] is True


def test_a_push_that_carried_something_else_leaves_the_doubt() -> None:
    """Only what is known of the box ends it."""
    ada = lifting(lifted_over=NOON, may_refuse=True)

    other = settled(ada, shadows={"city": "Bern"}, written_at=NOON, written_until=NOON)
    box = settled(ada, shadows={OPTED_OUT: False}, written_at=NOON, written_until=NOON)

    doubts = [(one.counterpart.lifted_over, one.counterpart.may_refuse) for one in (other, box)]  # type: ignore[union-attr] # it has one
    assert doubts == [(NOON, True), (None, False)]


# --- What is said of it --------------------------------------------------------------------------


@pytest.mark.parametrize("doubt", [{"lifted_over": NOON - MINUTE}, {"may_refuse": True}])
def test_a_doubt_is_explained(doubt: dict[str, Any]) -> None:
    """Neither the next pull nor the next push sends an opt-in over another refusal."""
    record = refusing(1, SObject.LEAD)

    sure, doubted = (
        next(one for one in explain_fields(ada, record, SETTINGS) if one.name == OPTED_OUT)
        for ada in (lifting(), lifting(**doubt))
    )

    assert (sure.pull.verdict, sure.push.verdict) == (Verdict.SEND, Verdict.SEND)
    assert (doubted.pull.verdict, doubted.push.verdict) == (Verdict.TAKE, Verdict.TAKE)


@pytest.mark.parametrize(
    ("ours", "refuses", "unheard"),
    [(None, True, True), (False, True, True), (True, True, False), (False, False, False)],
)
def test_a_refusal_that_nobody_here_has_heard_of(
    ours: bool | None,  # noqa: FBT001 - what is known
    *,
    refuses: bool,
    unheard: bool,
) -> None:
    """The next push takes it, as the next pull does."""
    known = {} if ours is None else {OPTED_OUT: ours}
    ada = a_contact("ada", ledger=Ledger(values=known, times=dict.fromkeys(known, NOON)))
    record = refusing(1, SObject.LEAD)
    record = replace(record, values={**record.values, OPTED_OUT: refuses})

    (box,) = (one for one in explain_fields(ada, record, SETTINGS) if one.name == OPTED_OUT)

    assert is_unheard(ada.ledger, record) is unheard
    assert (box.push.verdict is Verdict.TAKE) is unheard


# --- Further records -----------------------------------------------------------------------------


def with_a_further_record(*, shadow: bool | None, opted_out: bool = True) -> Contact:
    """Return Ada, who refused or did not, and has a further record."""
    shadows = {} if shadow is None else {OPTED_OUT: shadow}
    further = Secondary(
        record_id=record_id(2),
        object=SObject.LEAD,
        linked_at=NOON,
        came_from="eve",
        modstamp=NOON - HOUR,
        shadows=shadows,
    )
    ledger = Ledger(values={OPTED_OUT: opted_out}, times={OPTED_OUT: NOON}, shadows={})
    return a_contact("ada", ledger=ledger, secondaries=(further,))


def met_after(contact: Contact, *, by: timedelta) -> Contact:
    """Return a contact that is opted in at one, and whose further record was ticked so much later.

    Or earlier; its stamp is that of the tick.
    """
    at_one = NOON + HOUR
    contact = opted_in(contact, settings=SETTINGS, now=at_one).contact
    ticked = refusing(2, SObject.LEAD, at=at_one + by)
    return with_secondary(contact, ticked, SETTINGS, now=at_one + HOUR)


@pytest.mark.failure("F58")
def test_a_refusal_of_ours_that_is_met_after_an_opt_in() -> None:
    """It was on its way when somebody lifted it; one that may be later stands."""
    ours = met_after(with_a_further_record(shadow=False), by=-2 * MINUTE)
    later = met_after(with_a_further_record(shadow=False), by=timedelta(0))
    anothers = with_secondary(
        with_a_further_record(shadow=False, opted_out=False),
        refusing(2, SObject.LEAD, at=NOON - MINUTE),
        SETTINGS,
        now=NOON,
    )

    assert [one.opted_out for one in (ours, later, anothers)] == [False, True, True]
    assert [one.secondaries[0].lifted_at for one in (ours, later)] == [None, None]


def test_a_further_record_that_knew_of_the_refusal() -> None:
    """Nothing is on its way there: unticked and ticked again, it tells of another refusal."""
    contact = with_a_further_record(shadow=True)

    after = opted_in(contact, settings=SETTINGS, now=NOON + HOUR).contact

    assert after.secondaries == contact.secondaries


def test_a_further_record_that_is_told_of_the_next_refusal() -> None:
    """What was lifted before is no matter any more."""
    contact = opted_in(with_a_further_record(shadow=False), settings=SETTINGS, now=NOON).contact

    after = told_further(contact, record_id(2), OPTED_OUT)

    assert contact.secondaries[0].lifted_at == NOON
    assert after.secondaries[0].lifted_at is None
