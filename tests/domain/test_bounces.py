"""Bounces: what mail servers say of an address, which is never what a person says of mail."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.domain.bounces import (
    BOUNCE_FIELDS,
    Bounce,
    BounceKind,
    BounceSource,
    after_record,
    reported,
    told_by,
)
from counterpart.domain.contacts import Contact
from counterpart.domain.editing import Edit, edited
from counterpart.domain.mail_reports import BounceReport, arrives, bounced
from counterpart.domain.mapping import OPTED_OUT
from counterpart.domain.notices import NoticeCode
from counterpart.domain.records import BounceMark, Record
from counterpart.domain.subjects import People
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.waiting import Lane
from tests.domain.samples import (
    HOUR,
    NOON,
    a_contact,
    a_counterpart,
    a_ledger,
    a_record,
    law,
    moments,
)

ADA = "Ada@example.com"
KEY = "ada@example.com"
HARD, SOFT = BounceKind.HARD, BounceKind.SOFT
API, SALESFORCE = BounceSource.API, BounceSource.SALESFORCE


def a_bounce(
    kind: BounceKind = HARD, *, at: datetime = NOON, source: BounceSource = API, key: str = KEY
) -> Bounce:
    """Return a bounce."""
    return Bounce(kind=kind, at=at, email_key=key, source=source)


def ada(bounce: Bounce | None = None) -> Contact:
    """Return Ada."""
    return a_contact(ledger=a_ledger(email=ADA), bounce=bounce)


def a_row(mark: BounceMark | None, *, email: str | None = "ada@EXAMPLE.com") -> Record:
    """Return a record that says something of bounces."""
    return a_record(values={"email": email}, bounce=mark)


BOUNCES = st.builds(
    a_bounce,
    st.sampled_from(BounceKind),
    at=moments(),
    source=st.sampled_from(BounceSource),
    key=st.sampled_from([KEY, "bob@example.com"]),
)
MARKS = st.none() | st.builds(BounceMark, at=st.none() | moments())
ADDRESSES = st.sampled_from([ADA, "bob@example.com", None])


@law
@given(st.none() | BOUNCES, MARKS, ADDRESSES, ADDRESSES)
def test_what_a_record_says_is_settled_at_once(
    bounce: Bounce | None, mark: BounceMark | None, ours: str | None, theirs: str | None
) -> None:
    """Read again, it changes nothing, and what stands is about the contact's own address."""
    row = a_row(mark, email=theirs)

    once = after_record(bounce, row, ours, told=bounce)

    assert after_record(once, row, ours, told=told_by(row, before=bounce)) == once
    assert once is None or once.email_key == (ours or "").casefold()


@pytest.mark.parametrize(
    ("row", "known"),
    [
        (a_row(BounceMark(at=NOON), email=ADA), True),
        (a_row(BounceMark(), email=ADA), False),
        (a_row(BounceMark(at=NOON), email=None), False),
        # Where the org hides the mark, or the address, nothing is told.
        (a_row(None, email=ADA), True),
        (a_record(values={}, bounce=BounceMark(at=NOON + HOUR)), True),
    ],
)
def test_what_a_record_tells_of_its_own_address(row: Record, *, known: bool) -> None:
    """Whosever that is by now; what it does not show stays as it was told before."""
    before = a_bounce(source=SALESFORCE)

    assert told_by(row, before=before) == (before if known else None)


@law
@given(BOUNCES, BOUNCES)
def test_a_hard_bounce_outlasts_soft_ones(first: Bounce, second: Bounce) -> None:
    """In whatever order they are reported."""
    first, second = replace(first, email_key=KEY), replace(second, email_key=KEY)

    both = reported(reported(None, first), second)

    assert both.kind is (HARD if HARD in {first.kind, second.kind} else SOFT)
    assert reported(both, both) == both


def test_salesforce_marks_an_address() -> None:
    """Its mark is a hard bounce, with its time and its reason."""
    mark = BounceMark(at=NOON, reason="no such mailbox")

    bounce = after_record(None, a_row(mark), ADA, told=None)

    assert bounce == Bounce(
        kind=HARD, at=NOON, email_key=KEY, source=SALESFORCE, reason="no such mailbox"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (a_bounce(source=SALESFORCE), None),
        (a_bounce(source=API), a_bounce(source=API)),
    ],
    ids=["its own", "one that it never knew"],
)
def test_salesforce_takes_its_mark_back(before: Bounce, after: Bounce | None) -> None:
    """What was reported here stays."""
    assert after_record(before, a_row(BounceMark()), ADA, told=before) == after


def test_a_record_that_never_told_of_a_bounce() -> None:
    """It takes none back, such as the Contact that a lead has become."""
    held = a_bounce(source=SALESFORCE)

    assert after_record(held, a_row(BounceMark()), ADA, told=None) == held


def test_a_mark_of_another_address_than_ours() -> None:
    """Where our address is newer, the record's bounce says nothing of it."""
    mark = BounceMark(at=NOON)

    assert after_record(None, a_row(mark, email="old@example.com"), ADA, told=None) is None


def test_a_record_that_does_not_show_bounces() -> None:
    """What is not seen takes nothing back."""
    held = a_bounce(source=SALESFORCE)

    assert after_record(held, a_row(None), ADA, told=held) == held


def test_a_record_brings_another_address() -> None:
    """The bounce of the old one ends."""
    settled = People(links={}).settled(
        replace(ada(a_bounce()), ledger=a_ledger(email="new@example.com")),
        a_row(None, email="new@example.com"),
    )

    assert settled.bounce is None


@pytest.mark.parametrize(
    ("email", "stands"), [("new@example.com", False), ("ADA@example.com", True)]
)
def test_an_edit_of_the_address(email: str, *, stands: bool) -> None:
    """Another address ends the bounce; the same one, written otherwise, does not."""
    after = edited(
        ada(a_bounce()),
        Edit(values={"email": email}),
        settings=SyncSettings(),
        lane=Lane.FRESH,
        now=NOON + HOUR,
    ).contact

    assert (after.bounce is not None) == stands


@pytest.mark.parametrize("kind", BounceKind)
def test_a_bounce_opts_nobody_out(kind: BounceKind) -> None:
    """It waits for nothing, and touches no field."""
    contact = ada()

    after = bounced(contact, BounceReport(kind=kind, reason="full"), now=NOON).contact

    assert after.bounce == Bounce(kind=kind, at=NOON, email_key=KEY, source=API, reason="full")
    assert after.ledger is contact.ledger
    assert OPTED_OUT not in after.ledger.values
    assert (after.opted_out, after.waiting) == (False, None)


def test_a_bounce_of_an_address_from_before() -> None:
    """Reports come late; they are about the address that the mail was sent to."""
    contact = ada()

    result = bounced(contact, BounceReport(kind=HARD, email="old@example.com"), now=NOON)

    assert result.contact is contact
    assert [notice.code for notice in result.notices] == [NoticeCode.ANOTHER_ADDRESS]


def test_a_bounce_reported_twice() -> None:
    """The second time nothing changes."""
    report = BounceReport(kind=HARD, email=ADA, at=NOON)
    once = bounced(ada(), report, now=NOON).contact

    assert bounced(once, report, now=NOON + HOUR).contact is once


def test_mail_arrives_after_all() -> None:
    """Somebody says so."""
    contact = ada()

    assert arrives(ada(a_bounce()), now=NOON).contact.bounce is None
    assert arrives(contact, now=NOON).contact is contact


def test_fields_of_bounces_can_be_nobodys() -> None:
    """Their names are no names of ours, so no mapping can meet them."""
    assert all(field.name != field.name.lower() for field in BOUNCE_FIELDS)


@pytest.mark.parametrize("key", [KEY, "bob@example.com"])
def test_mail_arrives_at_the_present_address(key: str) -> None:
    """What the record tells of that one is over as well; of another one nobody has said a thing."""
    there = replace(a_counterpart(), bounce=a_bounce(source=SALESFORCE, key=key))

    after = arrives(replace(ada(a_bounce()), counterpart=there), now=NOON + HOUR).contact

    assert after.bounce is None
    assert after.counterpart
    assert (after.counterpart.bounce is None) is (key == KEY)
