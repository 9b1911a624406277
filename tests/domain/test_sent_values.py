"""What was sent to make a record, and what of it is known again."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from counterpart.domain.contacts import Ledger
from counterpart.domain.creation_requests import Sent
from counterpart.domain.meeting import meet
from counterpart.domain.sent_values import (
    ON_ITS_WAY,
    both_sent,
    is_untouched,
    met,
    recognised,
    sent_to,
    tried,
    with_try,
)
from tests.domain.pages import a_person, somebody
from tests.domain.samples import MINUTE, NOON, a_contact, a_counterpart, a_field, a_ledger, a_record

_VALUES = st.dictionaries(
    st.sampled_from(["job_title", "city", "last_name"]),
    st.one_of(st.none(), st.sampled_from(["Analyst", "VP", "Bern"])),
)
MAPPING = tuple(map(a_field, ("email", "last_name", "job_title", "city")))
LATE = NOON + ON_ITS_WAY


@given(st.lists(_VALUES, min_size=1))
def test_each_try_may_have_taken_effect(tries: list[dict[str, str | None]]) -> None:
    """Nothing that was sent is lost, and nothing is held twice."""
    sent: Sent | None = None
    for number, values in enumerate(tries):
        sent = with_try(sent, values, at=NOON + number * MINUTE)

    assert sent
    assert sent.at == NOON + (len(tries) - 1) * MINUTE
    for values in tries:
        assert all(value in sent.values[name] for name, value in values.items())
    assert all(len(set(values)) == len(values) for values in sent.values.values())


def test_a_second_call_of_the_same_try() -> None:
    """What goes once more without a field is written down already."""
    sent = with_try(None, {"job_title": "VP", "city": "Bern"}, at=NOON)

    assert with_try(sent, {"city": "Bern"}, at=NOON) is sent
    assert with_try(sent, {"city": "Bern"}, at=NOON + MINUTE) is not sent


def test_what_stands_for_a_blank_that_was_cleared() -> None:
    """Nothing is left of the clear, on any of the ledger's maps."""
    ledger = Ledger(
        values={"last_name": None, "city": None},
        times={"last_name": NOON, "city": NOON},
        insisted=frozenset({"last_name"}),
        passing={"last_name": ("Moreau",), "city": ("Bern",)},
    )
    ada = a_contact(ledger=ledger)

    after = tried(ada, ada, {"last_name": "ada", "city": None}, at=NOON)

    assert after.sent == Sent(values={"last_name": ("ada",), "city": (None,)}, at=NOON)
    assert after.ledger == Ledger(
        values={"city": None}, times={"city": NOON}, passing={"city": ("Bern",)}
    )


def test_what_was_cleared_since_it_was_read_or_sent_stays_cleared() -> None:
    """An earlier try, or this very one, may have brought the value that was cleared."""
    ledger = Ledger(values={"last_name": None}, times={"last_name": NOON + MINUTE})
    before = Ledger(values={"last_name": "Moreau"}, times={"last_name": NOON})
    ada = a_contact(ledger=ledger)
    brought = replace(ada, sent=Sent(values={"last_name": ("Moreau",)}, at=NOON))

    for contact, read in ((ada, replace(ada, ledger=before)), (brought, brought)):
        after = tried(contact, read, {"last_name": "ada"}, at=NOON + MINUTE)
        assert after.ledger == ledger


@given(_VALUES, _VALUES)
def test_two_contacts_that_become_one(
    ours: dict[str, str | None], theirs: dict[str, str | None]
) -> None:
    """What was sent of either may be met."""
    one, other = with_try(None, ours, at=NOON), with_try(None, theirs, at=NOON + MINUTE)

    both = both_sent(one, other)

    assert both == with_try(one, theirs, at=NOON + MINUTE)
    assert (both_sent(one, None), both_sent(None, other)) == (one, other)


def test_what_a_record_holds_of_it() -> None:
    """What differs was entered there."""
    record = a_record(values={"job_title": "VP", "city": "Basel", "last_name": None})
    sent = {"job_title": ("Analyst", "VP"), "city": ("Bern",), "last_name": (None,)}

    assert recognised(sent, record, MAPPING) == {"job_title": "VP", "last_name": None}


def test_a_record_that_nobody_touched() -> None:
    """It opens no gate: nobody has changed it since it was made."""
    record = a_person(1, job_title="VP")
    sent = {name: (value,) for name, value in record.values.items()}
    ledger = a_ledger({"job_title": "President"}, at=NOON - MINUTE)

    meeting = meet(ledger, record, MAPPING, sent=sent)

    assert is_untouched(sent, record, MAPPING)
    assert meeting.untouched
    assert meeting.ledger.values["job_title"] == "President"
    assert meeting.ledger.shadows["job_title"] == "VP"


def test_without_a_try_nobody_knows() -> None:
    """An empty record that we have not made is none of ours."""
    assert not is_untouched({}, a_person(1), MAPPING)


def test_what_may_be_found_in_a_record() -> None:
    """At the first meeting all that was sent; afterwards what took effect a little later."""
    sent = Sent(values={"job_title": ("VP",)}, at=NOON)
    unmet = replace(somebody("ada"), sent=sent)
    known = replace(unmet, counterpart=a_counterpart())
    linked = replace(known, counterpart=replace(a_counterpart(), modstamp=NOON))
    early, late = a_person(1, at=LATE), a_person(1, at=LATE + MINUTE)

    assert sent_to(unmet, late) == sent_to(linked, early) == sent.values
    assert sent_to(linked, late) == {}


def test_what_is_kept_after_a_meeting() -> None:
    """What may still take effect; but if all of it was answered, nothing may."""
    sent = Sent(values={"job_title": ("VP",)}, at=NOON)
    contact = replace(somebody("ada"), sent=sent)
    twice = replace(contact, sent=with_try(sent, {"job_title": "President"}, at=NOON))

    assert met(contact, now=LATE).sent == sent
    assert met(contact, now=LATE + MINUTE).sent is None
    assert met(contact, now=NOON, answered={"job_title": "VP", "city": None}).sent is None
    assert met(contact, now=NOON, answered={"city": None}).sent == sent
    assert met(twice, now=NOON, answered={"job_title": "President"}).sent == twice.sent
