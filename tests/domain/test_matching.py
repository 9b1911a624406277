"""Matching: whom a record belongs to, by its id, by its address, or to somebody new."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.domain.creation_requests import Sent
from counterpart.domain.ids import derived_id
from counterpart.domain.links import Link, LinkState
from counterpart.domain.mapping import EMAIL, FieldMapping, Mode
from counterpart.domain.outbound_settings import Outbound, OutboundObject
from counterpart.domain.outcomes import Reason
from counterpart.domain.page_plan import Change
from counterpart.domain.records import AnyObject, SObject
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.values import FieldType
from tests.domain.pages import (
    LATER,
    Book,
    a_person,
    an_ended_link,
    counterpart_ids,
    reasons,
    somebody,
)
from tests.domain.samples import HOUR, MINUTE, NOON, a_counterpart, a_ledger, law, record_id

BOTH: dict[AnyObject, str] = {SObject.LEAD: "Title", SObject.CONTACT: "Title"}


def settings_with(mode: Mode, **outbound: object) -> SyncSettings:
    """Return settings by which the title crosses in this mode."""
    email = FieldMapping(
        name=EMAIL,
        type=FieldType.EMAIL,
        mode=Mode.TWO_WAY,
        paths=dict.fromkeys(BOTH, "Email"),
    )
    title = FieldMapping(name="job_title", type=FieldType.STRING, mode=mode, paths=BOTH)
    return SyncSettings(fields=(email, title), outbound=Outbound(**outbound))  # type: ignore[arg-type] # what the test says


def test_a_record_that_nobody_knows() -> None:
    """It becomes a contact, whose id follows from the record's."""
    book = Book()

    plan = book.pull(a_person(1))

    (contact,) = book.contacts.values()
    assert contact.id == derived_id("record", record_id(1))
    assert contact.email == "ada@example.com"
    assert contact.counterpart is not None
    assert contact.counterpart.modstamp == NOON
    assert plan.verdicts == {record_id(1): Change.CREATED}


@pytest.mark.failure("F43")
def test_a_linked_record_whose_address_changed() -> None:
    """The id tells, so the contact is updated; there is no second one."""
    book = Book().holds(somebody("ada", 1)).holds(somebody("eve", email="new@example.com"))

    plan = book.pull(a_person(1, email="new@example.com"))

    assert book.contacts["ada"].email == "new@example.com"
    assert plan.verdicts == {record_id(1): Change.UPDATED}
    assert len(book.contacts) == 2


@pytest.mark.failure("F42")
def test_an_address_in_other_letters() -> None:
    """Case and spaces do not tell people apart."""
    book = Book().holds(somebody("ada", email="Ada@Example.com"))

    plan = book.pull(a_person(1, email="ADA@example.COM"))

    assert plan.verdicts == {record_id(1): Change.LINKED}
    assert counterpart_ids(book.contacts.values()) == [record_id(1)]
    assert reasons(plan) == {Reason.LINKED_BY_EMAIL}


def test_several_contacts_of_one_address() -> None:
    """The most recently updated of those that are not linked yet."""
    book = Book()
    book.holds(somebody("old", updated_at=NOON - HOUR))
    book.holds(somebody("newest", 7, updated_at=NOON + HOUR))
    book.holds(somebody("new", updated_at=NOON))

    book.pull(a_person(1))

    assert book.links[record_id(1)].subject_id == "new"
    assert book.contacts["old"].counterpart is None


@pytest.mark.failure("F36")
@pytest.mark.parametrize(("title", "found"), [("Analyst", "old"), ("Director", "new")])
def test_a_record_that_was_made_for_one_of_several_contacts(title: str, found: str) -> None:
    """That one gets it, if it holds just what was sent; whatever somebody entered is like any."""
    sent = Sent(values={EMAIL: ("ada@example.com",), "job_title": ("Analyst",)}, at=NOON)
    book = Book()
    book.holds(somebody("old", updated_at=NOON - HOUR, sent=sent))
    book.holds(somebody("new", updated_at=NOON))

    book.pull(a_person(1, job_title=title), settings=settings_with(Mode.TWO_WAY))

    assert book.links[record_id(1)].subject_id == found


@pytest.mark.failure("F40")
def test_two_records_of_one_address() -> None:
    """The first finds the contact, the second makes another one and says so; neither moves."""
    book = Book().holds(somebody("ada"))

    plan = book.pull(a_person(1), a_person(2))
    again = book.pull(a_person(1), a_person(2))

    assert counterpart_ids(book.contacts.values()) == [record_id(1), record_id(2)]
    assert book.links[record_id(1)].subject_id == "ada"
    assert Reason.DUPLICATE_EMAIL in reasons(plan)
    assert (again.saves, again.claims, again.outcomes) == ({}, {}, [])


@pytest.mark.parametrize(
    ("email", "reason"),
    [
        (None, Reason.NO_EMAIL),
        ("", Reason.INVALID_EMAIL),
        ("ada at example", Reason.INVALID_EMAIL),
    ],
)
@pytest.mark.failure("F42")
def test_a_record_without_a_usable_address(email: str | None, reason: Reason) -> None:
    """It stays outside; that is noted once, and reading it again costs no write."""
    book = Book()

    plan = book.pull(a_person(1, email=email))
    again = book.pull(a_person(1, email=email))

    assert plan.verdicts == again.verdicts == {record_id(1): reason}
    assert book.links[record_id(1)].state is LinkState.SKIPPED
    assert reasons(plan) == {reason}
    assert (again.closings, again.outcomes) == ({}, [])
    assert book.contacts == {}


def test_a_record_that_got_its_address_later() -> None:
    """It comes in as if it had never been skipped."""
    book = Book()
    book.pull(a_person(1, email=None))

    plan = book.pull(a_person(1, at=NOON + MINUTE))

    assert plan.verdicts == {record_id(1): Change.CREATED}
    assert book.links[record_id(1)].state is LinkState.LINKED


def test_a_linked_record_that_lost_its_address() -> None:
    """It stays linked, and the contact keeps its address."""
    book = Book().holds(somebody("ada", 1))

    plan = book.pull(a_person(1, email=None, job_title="Director"))

    assert book.contacts["ada"].email == "ada@example.com"
    assert plan.verdicts == {record_id(1): Change.UPDATED}


def test_a_contact_that_was_deleted_here() -> None:
    """Its record does not bring it back, however often it changes."""
    book = Book(links={record_id(1): an_ended_link(1, LinkState.DELETED_HERE)})

    plan = book.pull(a_person(1, at=NOON + HOUR))

    assert plan.verdicts == {record_id(1): Reason.DELETED_HERE}
    assert (book.contacts, plan.closings) == ({}, {})


# --- Reading again -------------------------------------------------------------------------------


@law
@given(
    st.lists(
        st.tuples(
            st.integers(1, 3),
            st.sampled_from([SObject.LEAD, SObject.CONTACT]),
            st.sampled_from(["ada@example.com", "bob@example.com", None]),
        ),
        max_size=5,
        unique_by=lambda row: row[:2],
    ),
    st.lists(st.sampled_from(["ada@example.com", "bob@example.com"]), max_size=3),
)
def test_a_page_that_is_read_again(
    rows: list[tuple[int, SObject, str | None]], unlinked: list[str]
) -> None:
    """Idempotent: the overlap makes no write, and each record belongs to exactly one contact."""
    records = [a_person(number, sobject, email=email) for number, sobject, email in rows]
    book = Book()
    for number, email in enumerate(unlinked):
        book.holds(somebody(f"c{number}", email=email))

    book.pull(*records)
    before = book.state()
    again = book.pull(*records)

    assert book.writes(again) == []
    assert again.outcomes == []
    assert book.state() == before
    linked = counterpart_ids(book.contacts.values())
    assert len(linked) == len(set(linked))
    assert set(linked) == {record.id for record in records if record.values[EMAIL]}


@pytest.mark.failure("F15")
@pytest.mark.failure("F49")
def test_our_own_write_coming_back() -> None:
    """It makes no write at all."""
    counterpart = a_counterpart(1, modstamp=NOON - HOUR, written_until=NOON, written_at=NOON)
    book = Book().holds(somebody("ada", 1, counterpart=counterpart))

    plan = book.pull(a_person(1, at=NOON))

    assert book.writes(plan) == []
    assert plan.verdicts == {record_id(1): Reason.NO_CHANGE}


def test_a_page_that_was_asked_for_before_our_write() -> None:
    """It may show the record as it was before, so it is left for the next reading."""
    counterpart = a_counterpart(1, written_until=NOON, written_at=LATER)
    book = Book().holds(somebody("ada", 1, counterpart=counterpart))

    plan = book.pull(a_person(1, job_title="Old"), asked_at=LATER - MINUTE)

    assert book.writes(plan) == []
    assert plan.verdicts == {record_id(1): Reason.STALE}


@pytest.mark.failure("F52")
def test_automation_that_moves_the_stamp_alone() -> None:
    """Nothing is written, and nothing is sent back."""
    book = Book().holds(somebody("ada", 1))

    plan = book.pull(a_person(1, at=NOON - MINUTE, modstamp=NOON + HOUR))

    assert book.writes(plan) == []


@pytest.mark.failure("F18")
def test_a_value_that_is_not_of_its_type() -> None:
    """The rest of the record comes in; the field is told once, not at every reading."""
    book = Book().holds(somebody("ada", 1, counterpart=a_counterpart(1, modstamp=NOON - HOUR)))
    record = a_person(1, unreadable=("birthday",))

    plan = book.pull(record)
    again = book.pull(record)

    assert [(each.reason, each.field) for each in plan.outcomes] == [
        (Reason.UNREADABLE_VALUE, "birthday")
    ]
    assert (book.writes(again), again.outcomes) == ([], [])


@pytest.mark.failure("F14")
def test_two_versions_within_one_second() -> None:
    """Stamps count seconds; the second version comes in although its stamp is no other."""
    book = Book().holds(somebody("ada", 1))
    book.pull(a_person(1, job_title="Director"))

    book.pull(a_person(1, job_title="President"))

    assert book.contacts["ada"].ledger.values["job_title"] == "President"


# --- What a first meeting sends -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "waits"),
    [
        (Mode.ALWAYS_OURS, True),
        (Mode.TWO_WAY, True),
        (Mode.PREFER_SALESFORCE, False),
        (Mode.ALWAYS_SALESFORCE, False),
    ],
)
def test_a_first_meeting_by_address(mode: Mode, *, waits: bool) -> None:
    """What the pull left alone is decided as if it had just been edited here."""
    ledger = a_ledger({EMAIL: "ada@example.com", "job_title": "VP"}, at=NOON + MINUTE, seen=False)
    book = Book().holds(somebody("ada", ledger=ledger))

    book.pull(a_person(1), settings=settings_with(mode))

    contact = book.contacts["ada"]
    assert contact.ledger.shadows["job_title"] == "Analyst"
    assert (contact.waiting is not None) is waits


@pytest.mark.parametrize(
    "outbound",
    [
        {"enabled": False},
        {"objects": {each: OutboundObject(enabled=False) for each in SObject}},
        {"enabled_at": NOON + HOUR},
    ],
    ids=["off", "off for leads", "on only since then"],
)
def test_a_first_meeting_while_nothing_goes_out(outbound: dict[str, object]) -> None:
    """Nothing waits that would not be sent."""
    book = Book().holds(
        somebody("ada", ledger=a_ledger({EMAIL: "ada@example.com", "job_title": "VP"}, seen=False))
    )

    book.pull(a_person(1), settings=settings_with(Mode.ALWAYS_OURS, **outbound))

    assert book.contacts["ada"].waiting is None


def test_a_value_that_salesforce_refused() -> None:
    """An overlap does not ask for it again; a change of the record does."""
    ledger = replace(
        a_ledger({EMAIL: "ada@example.com", "job_title": "VP"}, at=NOON),
        shadows={EMAIL: "ada@example.com", "job_title": "Analyst"},
    )
    counterpart = a_counterpart(1, modstamp=NOON)
    book = Book().holds(somebody("ada", ledger=ledger, counterpart=counterpart))

    same = book.pull(a_person(1), settings=settings_with(Mode.TWO_WAY))
    other = book.pull(
        a_person(1, at=NOON - MINUTE, modstamp=NOON + HOUR, job_title="Intern"),
        settings=settings_with(Mode.TWO_WAY),
    )

    assert book.writes(same) == []
    assert other.saves["ada"].waiting is not None


# --- Half-finished work of a crashed run ---------------------------------------------------------


def test_a_link_without_its_contact() -> None:
    """The run crashed between the two; the contact is made under the id that the link names."""
    born = derived_id("record", record_id(1))
    link = Link(
        record_id=record_id(1), object=SObject.LEAD, state=LinkState.LINKED, subject_id=born
    )
    book = Book(links={link.record_id: link})

    plan = book.pull(a_person(1))

    assert list(book.contacts) == [born]
    assert plan.claims == {}


@pytest.mark.parametrize("email", [None, "nobody"])
def test_a_link_without_its_contact_whose_record_lost_its_address(email: str | None) -> None:
    """Nobody is born without an address; once the record has one again, its contact is made."""
    born = derived_id("record", record_id(1))
    link = Link(
        record_id=record_id(1), object=SObject.LEAD, state=LinkState.LINKED, subject_id=born
    )
    book = Book(links={link.record_id: link})

    plan = book.pull(a_person(1, email=email))

    assert plan.verdicts[record_id(1)] in {Reason.NO_EMAIL, Reason.INVALID_EMAIL}
    assert book.contacts == {}
    book.pull(a_person(1, at=LATER))
    assert list(book.contacts) == [born]


@pytest.mark.parametrize("state", [LinkState.DELETED_THERE, LinkState.MERGED])
def test_a_record_that_was_somebodys_and_lost_its_address(state: LinkState) -> None:
    """Who was born of it goes on with another record, or is no more; it comes in as another."""
    born = derived_id("record", record_id(1))
    link = Link(record_id=record_id(1), object=SObject.LEAD, state=state, subject_id=born)
    moved_on = somebody(born, 2, email="eve@example.com")
    book = Book().holds(moved_on, link)

    book.pull(a_person(1, email=None))
    assert book.contacts == {born: moved_on}
    book.pull(a_person(1, at=LATER))

    (other,) = (one for one in book.contacts.values() if one.record_id == record_id(1))
    assert other.id != born
    assert book.contacts[born] == moved_on


def test_a_link_to_a_contact_that_does_not_know_of_it() -> None:
    """The run crashed between the two; the contact is linked."""
    link = an_ended_link(1, LinkState.LINKED)
    book = Book().holds(somebody("ada"), link)

    book.pull(a_person(1))

    assert counterpart_ids(book.contacts.values()) == [record_id(1)]
    assert len(book.contacts) == 1


def test_a_link_to_a_contact_that_has_another_record() -> None:
    """Somebody else was quicker; the record makes a contact of its own, under another id."""
    link = an_ended_link(1, LinkState.LINKED)
    book = Book().holds(somebody("ada", 2), link)
    book.org[record_id(2)] = a_person(2)

    book.pull(a_person(1))

    assert counterpart_ids(book.contacts.values()) == [record_id(1), record_id(2)]
    assert book.links[record_id(1)].subject_id != "ada"


@pytest.mark.failure("F08")
@pytest.mark.parametrize("writes", range(12))
def test_a_crash_between_two_writes_of_a_page(writes: int) -> None:
    """Reading the page again completes it: the end is as if there had been no crash."""
    start = Book().holds(somebody("ada")).holds(somebody("eve", 5, email="eve@example.com"))
    page = [
        a_person(1),
        a_person(2),
        a_person(3, email=None),
        a_person(5, email="eve@example.com", deleted=True),
        a_person(4, email="dan@example.com"),
    ]
    undisturbed = start.copy()
    undisturbed.pull(*page)

    crashed = start.copy()
    crashed.pull(*page, crash_after=writes)
    crashed.pull(*page)

    assert crashed.state() == undisturbed.state()
    assert book_is_sound(crashed)


def book_is_sound(book: Book) -> bool:
    """Return whether links and contacts agree, each record with at most one contact."""
    linked = counterpart_ids(book.contacts.values())
    assert len(linked) == len(set(linked))
    for contact, record in itertools.product(book.contacts.values(), linked):
        if contact.counterpart and contact.counterpart.record_id == record:
            link = book.links[record]
            assert (link.state, link.subject_id) == (LinkState.LINKED, contact.id)
    return True
