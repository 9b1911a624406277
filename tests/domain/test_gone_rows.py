"""Rows that are gone: converted, merged, deleted, and some that come back."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.domain.inbound_settings import Inbound, OnRemoteDelete
from counterpart.domain.links import OWNED, LinkedBy, LinkState, Move, Secondary, move_by
from counterpart.domain.mapping import EMAIL, OPTED_OUT
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.page_plan import Change
from counterpart.domain.records import Conversion, Record, SObject
from counterpart.domain.sync_settings import SyncSettings
from tests.domain.pages import (
    Book,
    a_lead_that_became,
    a_person,
    an_ended_link,
    counterpart_ids,
    merged_into,
    reasons,
    somebody,
)
from tests.domain.samples import HOUR, MINUTE, NOON, a_counterpart, a_ledger, law, record_id

CONTACT = a_person(9, SObject.CONTACT, at=NOON)
WINNER = a_person(9, at=NOON)


def counterpart_of(book: Book, contact_id: str = "ada") -> str | None:
    """Return what a contact is linked to."""
    counterpart = book.contacts[contact_id].counterpart
    return counterpart.record_id if counterpart else None


def with_policy(policy: OnRemoteDelete) -> SyncSettings:
    """Return settings for what a deletion does."""
    return SyncSettings(inbound=Inbound(on_remote_delete=policy))


# --- Conversion ----------------------------------------------------------------------------------


@pytest.mark.failure("F56")
@pytest.mark.parametrize(
    "page",
    list(itertools.permutations([CONTACT, a_lead_that_became(CONTACT)])),
    ids=["contact first", "lead first"],
)
def test_a_lead_that_was_converted(page: list[object]) -> None:
    """The contact moves to the new Contact, in whatever order the two are read."""
    book = Book().holds(somebody("ada", 1))

    plan = book.pull(*page)  # type: ignore[arg-type] # the permutations are records

    assert counterpart_of(book) == CONTACT.id
    assert list(book.contacts) == ["ada"]
    assert book.links[record_id(1)].state is LinkState.CONVERTED
    assert book.links[CONTACT.id].linked_by is LinkedBy.CONVERSION
    assert Reason.RELINKED_BY_CONVERSION in reasons(plan)
    assert Reason.DUPLICATE_EMAIL not in reasons(plan)


@pytest.mark.failure("F56")
def test_a_contact_that_is_read_before_its_lead() -> None:
    """Its address is held by a lead, which is looked at: it has just become this very Contact."""
    book = Book().holds(somebody("ada", 1))
    book.org[record_id(1)] = a_lead_that_became(CONTACT)

    book.pull(CONTACT)

    assert counterpart_of(book) == CONTACT.id
    assert list(book.contacts) == ["ada"]


@pytest.mark.failure("F56")
def test_a_lead_that_is_read_while_contacts_are_not() -> None:
    """Links are kept up, also where no values are taken."""
    book = Book().holds(somebody("ada", 1))

    book.pull(a_lead_that_became(CONTACT))

    assert counterpart_of(book) == CONTACT.id
    assert book.contacts["ada"].ledger.values["job_title"] == "Analyst"


def test_a_lead_that_nobody_knew() -> None:
    """It is passed over: the Contact comes in by itself."""
    book = Book()

    plan = book.pull(a_lead_that_became(CONTACT), CONTACT)

    assert plan.verdicts == {
        record_id(1): Reason.LEAD_CONVERTED,
        CONTACT.id: Change.CREATED,
    }
    assert record_id(1) not in book.links


def test_a_lead_that_became_somebody_elses_contact() -> None:
    """Two contacts are one person: the lead's is unlinked, and somebody is told."""
    eve = somebody("eve", 9, SObject.CONTACT, email="eve@example.com")
    book = Book().holds(somebody("ada", 1)).holds(eve)
    before = book.links[record_id(1)]

    plan = book.pull(a_lead_that_became(CONTACT))

    assert counterpart_of(book) is None
    assert counterpart_of(book, "eve") == CONTACT.id
    # Rows of campaigns that were about the lead are about the Contact, and so another's.
    assert move_by(book.links[record_id(1)], before) == Move("ada", record_id(1))
    assert reasons(plan) == {Reason.DUPLICATE_AFTER_CONVERSION}
    assert plan.verdicts == {record_id(1): Change.UNLINKED}


def test_a_lead_that_became_a_further_record_that_came_back() -> None:
    """It is somebody's, as if it had been seen before the conversion was."""
    further = Secondary(
        record_id=CONTACT.id, object=SObject.CONTACT, linked_at=NOON, came_from="bob"
    )
    eve = somebody("eve", 2, email="eve@example.com", secondaries=(further,))
    ended = an_ended_link(9, LinkState.DELETED_THERE, subject_id="eve")
    gone = replace(ended, record_id=CONTACT.id, object=CONTACT.object)
    book = Book().holds(somebody("ada", 1)).holds(eve, gone)

    book.pull(a_lead_that_became(CONTACT), CONTACT)

    assert counterpart_of(book) is None
    assert counterpart_of(book, "eve") == record_id(2)
    assert book.links[CONTACT.id].state is LinkState.SECONDARY
    assert book.links[CONTACT.id].subject_id == "eve"


@pytest.mark.parametrize("gone", [a_lead_that_became(CONTACT), merged_into(WINNER, 1)])
def test_a_further_record_that_came_back_as_another(gone: Record) -> None:
    """It left the recycle bin, and was gone again before anybody saw it there."""
    further = Secondary(
        record_id=gone.id, object=gone.object, linked_at=NOON, came_from="bob", gone=True
    )
    book = Book().holds(
        somebody("ada", 5, secondaries=(further,)), an_ended_link(1, LinkState.DELETED_THERE)
    )
    heir = CONTACT if gone.conversion else WINNER

    book.pull(gone, heir)

    (one,) = book.contacts["ada"].secondaries
    assert (one.record_id, one.came_from, one.gone) == (heir.id, "bob", False)
    assert counterpart_of(book) == record_id(5)
    assert list(book.contacts) == ["ada"]
    assert book.links[gone.id].state not in {*OWNED, LinkState.DELETED_THERE}
    assert book.links[heir.id].state is LinkState.SECONDARY


@pytest.mark.parametrize("heirs_contact", ["eve", None])
@pytest.mark.parametrize("state", [LinkState.SECONDARY, LinkState.LINKED])
@pytest.mark.parametrize("gone", [a_lead_that_became(CONTACT), merged_into(WINNER, 1)])
def test_a_further_record_is_gone_that_was_to_become_a_counterpart(
    gone: Record, state: LinkState, heirs_contact: str | None
) -> None:
    """A run that broke off may have stored its link alone; it is a further record all the same."""
    further = Secondary(record_id=gone.id, object=gone.object, linked_at=NOON, came_from="bob")
    ada = replace(somebody("ada", 5, secondaries=(further,)), counterpart=None)
    book = Book().holds(ada, replace(an_ended_link(1, state), linked_by=LinkedBy.LOCAL_MERGE))
    heir = CONTACT if gone.conversion else WINNER
    if heirs_contact:
        book.holds(somebody("eve", 9, heir.object, email="eve@example.com"))

    book.pull(gone)

    kept = [one.record_id for one in book.contacts["ada"].secondaries]
    assert kept == ([] if heirs_contact else [heir.id])
    assert counterpart_of(book) is None
    assert book.links[gone.id].state not in OWNED
    if not heirs_contact:
        assert (book.links[heir.id].state, book.links[heir.id].subject_id) == (
            LinkState.SECONDARY,
            "ada",
        )


def test_a_further_record_that_is_gone_whose_contact_was_merged_away() -> None:
    """An earlier run broke off before it came to the link, which leads nobody any more."""
    left = an_ended_link(1, LinkState.SECONDARY, subject_id="bob")
    book = Book().holds(somebody("eve", 2), left)

    book.pull(a_lead_that_became(CONTACT))

    assert book.links[record_id(1)].state is LinkState.CONVERTED


def test_a_lead_that_became_nobody() -> None:
    """Person accounts convert without a Contact that we could follow; the link ends."""
    book = Book().holds(somebody("ada", 1))

    book.pull(a_person(1, conversion=Conversion(contact_id=None, account_id=None)))

    assert counterpart_of(book) is None
    assert book.contacts["ada"].former is not None


def test_a_person_deleted_here_whose_lead_was_converted() -> None:
    """They stay outside as a Contact, too."""
    book = Book(links={record_id(1): an_ended_link(1, LinkState.DELETED_HERE)})

    book.pull(a_lead_that_became(CONTACT), CONTACT)
    again = book.pull(a_lead_that_became(CONTACT), CONTACT)

    assert book.contacts == {}
    assert book.links[CONTACT.id].state is LinkState.DELETED_HERE
    assert book.writes(again) == []


# --- Merges --------------------------------------------------------------------------------------


@pytest.mark.failure("F55")
@pytest.mark.parametrize("read_the_winner", [True, False])
@pytest.mark.parametrize("policy", OnRemoteDelete)
def test_the_loser_was_linked(policy: OnRemoteDelete, *, read_the_winner: bool) -> None:
    """The contact moves to the winner, and nobody is made or deleted."""
    book = Book().holds(somebody("ada", 1))

    plan = book.pull(
        merged_into(WINNER, 1),
        *([WINNER] if read_the_winner else []),
        settings=with_policy(policy),
    )

    assert counterpart_of(book) == WINNER.id
    assert list(book.contacts) == ["ada"]
    assert book.links[record_id(1)].state is LinkState.MERGED
    assert reasons(plan) == {Reason.RELINKED_BY_MERGE}


@pytest.mark.failure("F55")
def test_both_were_linked() -> None:
    """The winner keeps its contact, the loser's is unlinked, and somebody is told."""
    book = Book().holds(somebody("ada", 1)).holds(somebody("eve", 9))

    plan = book.pull(merged_into(WINNER, 1), WINNER)

    assert counterpart_of(book) is None
    assert counterpart_of(book, "eve") == WINNER.id
    assert Reason.DUPLICATE_AFTER_MERGE in reasons(plan)


@pytest.mark.failure("F55")
def test_only_the_winner_was_linked() -> None:
    """The loser means nothing to us."""
    book = Book().holds(somebody("eve", 9))

    plan = book.pull(merged_into(WINNER, 1))

    assert book.writes(plan) == []


@pytest.mark.failure("F55")
@pytest.mark.parametrize("length", [2, 3, 5])
@pytest.mark.parametrize("on_the_page", [True, False])
def test_a_chain_of_merges(length: int, *, on_the_page: bool) -> None:
    """The last winner counts, wherever the rows between are found."""
    book = Book().holds(somebody("ada", 1))
    chain = [merged_into(a_person(number + 1), number) for number in range(1, length + 1)]
    last = a_person(length + 1)
    book.org = {row.id: row for row in [*chain, last]}

    book.pull(*(chain if on_the_page else chain[:1]))

    assert counterpart_of(book) == last.id
    assert list(book.contacts) == ["ada"]


@pytest.mark.failure("F55")
@pytest.mark.parametrize("order", list(itertools.permutations([1, 2, 3])))
def test_a_chain_of_merges_in_which_several_were_linked(order: tuple[int, ...]) -> None:
    """Whoever had the record that lost last goes on, in whatever order the losers are read."""
    book = Book().holds(somebody("ada", 1)).holds(somebody("eve", 2))
    last = a_person(4)
    losers = {number: merged_into(a_person(number + 1), number) for number in (1, 2, 3)}
    book.org = {last.id: last}

    plan = book.pull(*(losers[number] for number in order))

    assert counterpart_of(book) is None
    assert counterpart_of(book, "eve") == last.id
    assert Reason.DUPLICATE_AFTER_MERGE in reasons(plan)


@pytest.mark.failure("F56")
@pytest.mark.parametrize("lead_first", [True, False])
def test_a_merge_into_a_lead_of_somebody_else_that_was_converted(*, lead_first: bool) -> None:
    """That one becomes the Contact; the loser's contact is unlinked, and somebody is told."""
    book = Book().holds(somebody("ada", 1)).holds(somebody("eve", 2))
    lead = a_lead_that_became(CONTACT, 2)
    loser = merged_into(a_person(2), 1)

    plan = book.pull(*((lead, loser) if lead_first else (loser, lead)), CONTACT)

    assert counterpart_of(book) is None
    assert counterpart_of(book, "eve") == CONTACT.id
    assert Reason.DUPLICATE_AFTER_CONVERSION in reasons(plan)


@pytest.mark.failure("F55")
def test_a_winner_that_was_deleted_since() -> None:
    """Nobody is left to be linked to."""
    book = Book().holds(somebody("ada", 1))
    book.org[WINNER.id] = a_person(9, deleted=True)

    book.pull(merged_into(WINNER, 1))

    assert counterpart_of(book) is None


@pytest.mark.failure("F54")
@pytest.mark.parametrize("length", [1, 2])
@pytest.mark.parametrize("on_the_page", [True, False])
def test_a_winner_that_was_deleted_since_and_comes_back(length: int, *, on_the_page: bool) -> None:
    """Its contact follows it by then, whatever its address; a blank there clears nothing."""
    book = Book().holds(somebody("ada", 1))
    losers = [merged_into(a_person(number + 1), number) for number in range(1, length + 1)]
    winner = a_person(length + 1, deleted=True)
    book.org = {row.id: row for row in [*losers, winner]}
    plan = book.pull(*([*losers, winner] if on_the_page else losers[:1]))
    assert reasons(plan) == {Reason.DELETED_THERE}
    book.pull(winner)

    back = a_person(length + 1, at=NOON + HOUR, email="eve@example.com", job_title=None)
    plan = book.pull(back)

    assert list(book.contacts) == ["ada"]
    assert counterpart_of(book) == winner.id
    assert book.contacts["ada"].email == "eve@example.com"
    assert book.contacts["ada"].ledger.values["job_title"] == "Analyst"
    assert reasons(plan) == {Reason.RELINKED_BY_UNDELETION}
    assert book.links[record_id(1)].state is LinkState.MERGED


@pytest.mark.failure("F54")
@pytest.mark.parametrize("read_the_winner", [True, False])
def test_a_winner_of_somebody_else_that_was_deleted_since(*, read_the_winner: bool) -> None:
    """It comes back to the one that had it."""
    book = Book().holds(somebody("ada", 1)).holds(somebody("eve", 9))
    winner = replace(WINNER, deleted=True)
    book.org = {winner.id: winner}
    book.pull(merged_into(WINNER, 1), *([winner] if read_the_winner else []))
    book.pull(winner)

    book.pull(a_person(9, at=NOON + HOUR))

    assert counterpart_of(book) is None
    assert counterpart_of(book, "eve") == WINNER.id


@pytest.mark.failure("F56")
def test_a_winner_that_was_converted_since() -> None:
    """The Contact counts, which the merged lead became."""
    book = Book().holds(somebody("ada", 1))
    book.org[WINNER.id] = a_lead_that_became(CONTACT, 9)

    book.pull(merged_into(WINNER, 1), CONTACT)

    assert counterpart_of(book) == CONTACT.id
    assert list(book.contacts) == ["ada"]


def test_a_contact_that_was_merged_after_its_lead_was_converted() -> None:
    """Conversion first, then the merge: one contact, on the record that lives."""
    winner = a_person(8, SObject.CONTACT)
    book = Book().holds(somebody("ada", 1))
    book.org = {row.id: row for row in (merged_into(winner, 9), winner)}

    book.pull(a_lead_that_became(CONTACT), winner)

    assert counterpart_of(book) == winner.id
    assert list(book.contacts) == ["ada"]


# --- Deletion ------------------------------------------------------------------------------------


@pytest.mark.failure("F54")
def test_a_deleted_record_unlinks_its_contact() -> None:
    """The contact stays, remembers the record, and nothing waits for it any more."""
    book = Book().holds(somebody("ada", 1))

    plan = book.pull(a_person(1, deleted=True))

    ada = book.contacts["ada"]
    assert ada.counterpart is None
    assert ada.former is not None
    assert ada.former.record_id == record_id(1)
    assert book.links[record_id(1)].state is LinkState.DELETED_THERE
    assert plan.verdicts == {record_id(1): Change.UNLINKED}


@pytest.mark.failure("F54")
def test_a_deleted_record_may_delete_its_contact() -> None:
    """If the settings say so."""
    book = Book().holds(somebody("ada", 1))

    plan = book.pull(a_person(1, deleted=True), settings=with_policy(OnRemoteDelete.DELETE))

    assert book.contacts == {}
    assert plan.verdicts == {record_id(1): Change.DELETED}


@pytest.mark.failure("F58")
@pytest.mark.parametrize("told", [True, False])
def test_a_deleted_record_of_somebody_who_refuses_to_be_mailed(*, told: bool) -> None:
    """Until Salesforce knows of it, the contact stays, or the refusal would be forgotten."""
    known = a_ledger({EMAIL: "ada@example.com", OPTED_OUT: True})
    ledger = replace(known, shadows={**known.shadows, OPTED_OUT: told})
    book = Book().holds(somebody("ada", 1, ledger=ledger))

    plan = book.pull(a_person(1, deleted=True), settings=with_policy(OnRemoteDelete.DELETE))

    assert list(book.contacts) == ([] if told else ["ada"])
    (outcome,) = plan.outcomes
    assert outcome.action is (Action.DELETED if told else Action.UNLINKED)
    assert ("refuses to be mailed" in outcome.message) == (not told)


@pytest.mark.failure("F54")
def test_a_deletion_may_be_ignored() -> None:
    """If the settings say so; then nothing is written."""
    book = Book().holds(somebody("ada", 1))

    plan = book.pull(a_person(1, deleted=True), settings=with_policy(OnRemoteDelete.IGNORE))

    assert book.writes(plan) == []


@pytest.mark.failure("F54")
@pytest.mark.parametrize("email", ["ada@example.com", "countess@example.com"])
@pytest.mark.parametrize("policy", OnRemoteDelete)
def test_a_record_that_came_back(policy: OnRemoteDelete, email: str) -> None:
    """It is linked to its contact again, by whatever address; if that was deleted, to a new one."""
    book = Book().holds(somebody("ada", 1))
    book.pull(a_person(1, deleted=True), settings=with_policy(policy))

    book.pull(a_person(1, at=NOON + HOUR, email=email), settings=with_policy(policy))

    (contact,) = book.contacts.values()
    assert contact.counterpart is not None
    assert contact.counterpart.record_id == record_id(1)
    assert contact.former is None
    assert (contact.id == "ada") == (policy is not OnRemoteDelete.DELETE)
    assert book.links[record_id(1)].state is LinkState.LINKED


@pytest.mark.failure("F54")
def test_a_record_that_came_back_when_its_contact_had_moved_on() -> None:
    """The contact keeps its new record; the old one makes a contact of its own."""
    book = Book().holds(
        somebody("ada", 2, former=a_counterpart(1)), an_ended_link(1, LinkState.DELETED_THERE)
    )

    book.pull(a_person(1, at=NOON + HOUR))

    assert counterpart_of(book) == record_id(2)
    assert counterpart_ids(book.contacts.values()) == [record_id(1), record_id(2)]


def test_a_record_that_came_back_when_a_further_one_had_taken_its_place() -> None:
    """The contact keeps both: it was merged here, so the person is the same."""
    further = Secondary(
        record_id=record_id(2), object=SObject.LEAD, linked_at=NOON, came_from="bob"
    )
    ada = somebody("ada", 1, secondaries=(further,))
    link = replace(an_ended_link(2, LinkState.SECONDARY), linked_by=LinkedBy.LOCAL_MERGE)
    book = Book().holds(ada, link)
    book.pull(a_person(1, deleted=True))
    book.pull(a_person(2, at=NOON + HOUR))
    assert counterpart_of(book) == record_id(2)

    book.pull(a_person(1, at=NOON + HOUR))

    contact = book.contacts["ada"]
    assert list(book.contacts) == ["ada"]
    assert contact.counterpart is not None
    assert (contact.counterpart.record_id, contact.counterpart.came_from) == (record_id(2), "bob")
    assert [(one.record_id, one.came_from) for one in contact.secondaries] == [
        (record_id(1), "ada")
    ]
    assert book.links[record_id(1)].state is LinkState.SECONDARY


@pytest.mark.parametrize("state", [LinkState.MERGED, LinkState.LINKED])
def test_a_former_record_that_nobody_waits_for(state: LinkState) -> None:
    """It was merged into another, or is somebody else's by now; a further one replaces it."""
    further = Secondary(
        record_id=record_id(2), object=SObject.LEAD, linked_at=NOON, came_from="bob"
    )
    ada = replace(
        somebody("ada", 1, secondaries=(further,)), counterpart=None, former=a_counterpart(1)
    )
    link = replace(an_ended_link(2, LinkState.SECONDARY), linked_by=LinkedBy.LOCAL_MERGE)
    whose = "ada" if state is LinkState.MERGED else "eve"
    book = Book().holds(ada, link, an_ended_link(1, state, subject_id=whose))

    book.pull(a_person(2, at=NOON + HOUR))

    assert counterpart_of(book) == record_id(2)
    assert book.contacts["ada"].secondaries == ()


@pytest.mark.parametrize("gone", [True, False])
def test_the_last_record_is_deleted_and_takes_its_contact_along(
    gone: bool,  # noqa: FBT001 - a case
) -> None:
    """One that may come back keeps nobody here, and one that lives does."""
    further = Secondary(
        record_id=record_id(2), object=SObject.LEAD, linked_at=NOON, came_from="bob", gone=gone
    )
    book = Book().holds(somebody("ada", 1, secondaries=(further,)))

    book.pull(a_person(1, deleted=True), settings=with_policy(OnRemoteDelete.DELETE))

    assert list(book.contacts) == ([] if gone else ["ada"])


# --- Laws ----------------------------------------------------------------------------------------

FATES = st.sampled_from(["live", "deleted", "converted", "merged", "chained", "buried"])


@law
@given(
    st.lists(st.tuples(FATES, st.booleans()), min_size=1, max_size=4),
    st.permutations(range(12)),
    st.integers(0, 14),
)
def test_a_crash_while_links_move(
    fates: list[tuple[str, bool]], order: list[int], writes: int
) -> None:
    """Reading the page again completes it, and reading it once more changes nothing.

    Whatever became of the records, in whatever order they are read, and wherever it crashes.
    """
    book, rows = Book(), []
    for number, (fate, linked) in enumerate(fates, start=1):
        if linked:
            book.holds(somebody(f"c{number}", number, email=f"c{number}@example.com"))
        email = f"c{number}@example.com"
        heir = a_person(number + 20, SObject.CONTACT, email=email)
        winner = a_person(number + 40, email=email)
        last = a_person(number + 60, email=email)
        rows += {
            "live": [a_person(number, email=email, at=NOON + MINUTE)],
            "deleted": [a_person(number, email=email, deleted=True)],
            "converted": [a_lead_that_became(heir, number, email=email), heir],
            "merged": [merged_into(winner, number, email=email), winner],
            "chained": [
                merged_into(winner, number, email=email),
                merged_into(last, number + 40, email=email),
                last,
            ],
            "buried": [
                merged_into(winner, number, email=email),
                replace(winner, deleted=True),
            ],
        }[fate]
    page = [rows[place] for place in order if place < len(rows)]
    book.org = {row.id: row for row in rows}
    undisturbed = book.copy()
    undisturbed.pull(*page)

    book.pull(*page, crash_after=writes)
    book.pull(*page)
    once_more = book.pull(*page)

    assert book.state() == undisturbed.state()
    assert book.writes(once_more) == []
    for number, (fate, linked) in enumerate(fates, start=1):
        if linked and fate not in {"deleted", "buried"}:
            assert counterpart_of(book, f"c{number}") is not None
