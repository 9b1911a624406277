"""What a write of ours has replaced that we had pulled meanwhile goes back, once."""

from dataclasses import replace

import pytest

from counterpart.domain.contacts import Ledger
from counterpart.domain.mapping import Mode
from counterpart.domain.policy import Because, Judgement, Verdict
from counterpart.domain.push_judgements import judge_push
from counterpart.domain.readings import landed, ledger_against
from counterpart.domain.values import Value
from counterpart.domain.waiting import InFlight
from counterpart.domain.written_over import putting_back, written_over
from tests.domain.samples import (
    MINUTE,
    NOON,
    a_contact,
    a_counterpart,
    a_field,
    a_ledger,
    a_record,
    record_id,
)

TITLE = a_field(mode=Mode.PREFER_SALESFORCE)
SENT: dict[str, Value] = {"job_title": "VP"}
PULLED = a_ledger(job_title="Director", at=NOON - MINUTE)


@pytest.mark.parametrize(
    ("ledger", "goes_back"),
    [
        # A pull has brought it while ours was on its way.
        (PULLED, True),
        # Nothing came in between.
        (a_ledger(job_title="VP", seen=False), False),
        (a_ledger(job_title="VP"), False),
        # Somebody has edited ours meanwhile, which the mode keeps here; or has cleared it.
        (a_ledger(job_title="Founder", seen=False), False),
        (Ledger(values={"job_title": "Founder"}, shadows={"job_title": None}), False),
        (a_ledger(job_title=None), False),
        (Ledger(shadows={"job_title": None}), False),
    ],
)
def test_what_is_here_when_ours_arrives(ledger: Ledger, *, goes_back: bool) -> None:
    """It goes back if it is what was last seen there, and no edit of ours."""
    assert (written_over(ledger, SENT, [TITLE]) == {"job_title"}) is goes_back


@pytest.mark.parametrize("mode", sorted(set(Mode) - {Mode.PREFER_SALESFORCE}))
def test_other_modes(mode: Mode) -> None:
    """Two-way it goes out like an edit, and in the others ours stands there, or never went."""
    assert written_over(PULLED, SENT, [a_field(mode=mode)]) == set()


def test_other_fields() -> None:
    """Of what was not written nothing goes back."""
    city = a_field("city", Mode.PREFER_SALESFORCE)

    assert written_over(a_ledger(city="Bern"), SENT, [TITLE, city]) == set()


@pytest.mark.parametrize(
    ("there", "judgement"),
    [
        ("VP", Judgement(Verdict.SEND, (Because.INSISTED,))),
        # It came after our write, and stands.
        ("Director", Judgement(Verdict.LEAVE, (Because.AGREED,))),
    ],
)
def test_the_next_push(there: str, judgement: Judgement) -> None:
    """It sends theirs over what we wrote, whatever the mode protects."""
    before = a_contact(ledger=PULLED, counterpart=a_counterpart())
    seen = replace(PULLED, shadows=SENT)

    after = putting_back(replace(before, ledger=seen), before.ledger, SENT, [TITLE])

    record = a_record(values={"job_title": there})
    assert judge_push(TITLE, after.ledger, record, open_since=None) == judgement


@pytest.mark.parametrize(("ours", "still"), [("Founder", True), ("VP", False)])
def test_what_somebody_insisted_on_meanwhile(ours: str, *, still: bool) -> None:
    """It goes out yet, unless it is what was written."""
    contact = a_contact(ledger=a_ledger(job_title=ours, seen=False), counterpart=a_counterpart())
    before = replace(contact.ledger, insisted=frozenset({"job_title"}))
    settled = replace(contact, ledger=replace(contact.ledger, shadows=SENT))

    after = putting_back(settled, before, SENT, [TITLE])

    assert (after.ledger.insisted == {"job_title"}) is still


def test_a_job_that_is_seen_to_have_written() -> None:
    """Whoever reads the record before the job is known to have ended remembers it as well."""
    flight = InFlight(job_id="750", record_id=record_id(1), sent=SENT, version=1)
    contact = a_contact(ledger=PULLED, counterpart=a_counterpart(modstamp=NOON), in_flight=flight)
    record = a_record(values=SENT)

    assert ledger_against(contact, record, [TITLE]).insisted == {"job_title"}
    assert landed(contact, record, [TITLE], now=NOON).ledger.insisted == {"job_title"}
