"""A judgement says what happens to a field and which row says so; merging and pushing obey it."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.domain.contacts import Ledger
from counterpart.domain.mapping import EMAIL, FieldMapping, Mode
from counterpart.domain.merging import merge_record
from counterpart.domain.policy import UNKNOWN, Because, Changed, Gate, Judgement, Sides, Verdict
from counterpart.domain.pull_judgements import judge_pull
from counterpart.domain.push_judgements import judge_push
from counterpart.domain.pushing import plan_push
from counterpart.domain.records import Record, SObject
from counterpart.domain.values import FieldType, Value
from tests.domain.samples import HOUR, NOON, TEXTS, a_field, a_ledger, a_record, law, moments

TITLE = a_field("job_title", Mode.PREFER_SALESFORCE)
ADDRESS = a_field(EMAIL, Mode.TWO_WAY, FieldType.EMAIL)
MODES = st.sampled_from([mode for mode in Mode if mode is not Mode.RESTRICTIVE_WINS])


@law
@given(mode=MODES, ours=TEXTS, theirs=TEXTS, shadow=TEXTS, at=moments(), modified_at=moments())
def test_a_pull_does_what_its_judgement_says(
    *, mode: Mode, ours: Value, theirs: Value, shadow: Value, at: datetime, modified_at: datetime
) -> None:
    """Explaining a field and merging it can never disagree."""
    field = a_field("job_title", mode)
    ledger = Ledger(
        values={"job_title": ours}, times={"job_title": at}, shadows={"job_title": shadow}
    )
    record = a_record(values={"job_title": theirs}, at=modified_at)

    judged = judge_pull(
        field,
        ours=ours,
        theirs=theirs,
        shadow=shadow,
        our_time=at,
        modified_at=modified_at,
        echo=False,
    )
    merged = merge_record(ledger, record, [field], written_until=None)

    expected = theirs if judged.verdict is Verdict.TAKE else ours
    assert merged.ledger.values["job_title"] == expected


@law
@given(mode=MODES, ours=TEXTS, theirs=TEXTS, shadow=TEXTS, at=moments(), modified_at=moments())
def test_a_push_does_what_its_judgement_says(
    *, mode: Mode, ours: Value, theirs: Value, shadow: Value, at: datetime, modified_at: datetime
) -> None:
    """Explaining a field and pushing it can never disagree."""
    field = a_field("job_title", mode)
    ledger = Ledger(
        values={"job_title": ours}, times={"job_title": at}, shadows={"job_title": shadow}
    )
    record = a_record(values={"job_title": theirs}, at=modified_at)

    judged = judge_push(field, ledger, record, open_since=NOON)

    sent = plan_push(ledger, record, [field], open_since=NOON).sent
    assert ("job_title" in sent) == (judged.verdict is Verdict.SEND)


PUSHED: dict[str, tuple[FieldMapping, Ledger, Record, Judgement]] = {
    "never set": (
        TITLE,
        Ledger(),
        a_record(values={"job_title": None}),
        Judgement(Verdict.LEAVE, (Because.NEVER_SET,)),
    ),
    "nothing new": (
        TITLE,
        a_ledger(job_title="VP"),
        a_record(values={"job_title": "CEO"}),
        Judgement(Verdict.LEAVE, (Because.NOTHING_NEW,)),
    ),
    "only read there": (
        a_field("company_name", Contact="Account.Name"),
        a_ledger(company_name="Acme", seen=False),
        a_record(sobject=SObject.CONTACT, values={"company_name": None}),
        Judgement(Verdict.LEAVE, (Because.NOT_WRITABLE,)),
    ),
    "from before outbound was switched on": (
        TITLE,
        a_ledger(job_title="VP", seen=False, at=NOON - HOUR),
        a_record(values={"job_title": None}),
        Judgement(Verdict.LEAVE, (Because.BEFORE_SWITCHED_ON,)),
    ),
    "hidden": (
        TITLE,
        a_ledger(job_title="VP", seen=False),
        a_record(),
        Judgement(Verdict.LEAVE, (Because.NOT_SHOWN,)),
    ),
    "none of its type": (
        TITLE,
        a_ledger(job_title="VP", seen=False),
        a_record(unreadable=("job_title",)),
        Judgement(Verdict.LEAVE, (Because.UNREADABLE,)),
    ),
    "agreed meanwhile": (
        TITLE,
        a_ledger(job_title="VP", seen=False),
        a_record(values={"job_title": "VP"}),
        Judgement(Verdict.LEAVE, (Because.AGREED,)),
    ),
    "protected": (
        TITLE,
        a_ledger(job_title="VP", seen=False),
        a_record(values={"job_title": "CEO"}),
        Judgement(Verdict.PROTECT, (Sides.DIFFER,)),
    ),
    "an address that they lost": (
        ADDRESS,
        a_ledger(email="ada@example.com", seen=False),
        a_record(values={EMAIL: "ada at example"}, at=NOON + HOUR),
        Judgement(Verdict.SEND, (Changed.BOTH_THEIRS_LATER, Because.ADDRESS_STANDS)),
    ),
}


@pytest.mark.parametrize("situation", PUSHED)
def test_why_a_value_goes_out_or_stays(situation: str) -> None:
    """Each reason has a name of its own, so that nobody has to guess."""
    field, ledger, record, expected = PUSHED[situation]

    assert judge_push(field, ledger, record, open_since=NOON) == expected


@pytest.mark.parametrize(
    ("field", "theirs", "at", "expected"),
    [
        (TITLE, "CEO", NOON + HOUR, Judgement(Verdict.TAKE, (Gate.OPEN, Sides.DIFFER))),
        (TITLE, "CEO", NOON - HOUR, Judgement(Verdict.LEAVE, (Gate.CLOSED, Sides.DIFFER))),
        (ADDRESS, None, NOON + HOUR, Judgement(Verdict.LEAVE, (Because.NO_ADDRESS,))),
    ],
)
def test_why_a_value_comes_in_or_stays(
    field: FieldMapping, theirs: Value, at: datetime, expected: Judgement
) -> None:
    """The row of the table is named, or the reason that comes before it."""
    judged = judge_pull(
        field,
        ours="VP",
        theirs=theirs,
        shadow=UNKNOWN,
        our_time=NOON,
        modified_at=at,
        echo=False,
    )

    assert judged == expected
    assert all(str(part) in judged.why for part in expected.row)
