"""What every repository of merges does."""

from dataclasses import replace

import pytest

from counterpart.domain.contact_merge_plans import ContactMerge, MergeState
from counterpart.domain.contacts import Contact, Ledger
from counterpart.domain.links import LinkState, Secondary
from counterpart.domain.records import SObject
from counterpart.domain.waiting import Lane
from counterpart.ports import ContactRepository, LinkClaim, LinkRepository, MergeRepository
from tests.contracts.stores.samples import (
    CONTACT_ID,
    LEAD_ID,
    MINUTE,
    NOON,
    a_contact,
    a_counterpart,
    a_link,
    due,
)


def stored(contacts: ContactRepository, *wanted: Contact) -> list[Contact]:
    """Store contacts, and return them as they are stored."""
    assert not contacts.save_many(wanted)
    found = contacts.get_many([one.id for one in wanted])
    return [found[one.id] for one in wanted]


def a_merge(survivor: Contact, loser: Contact) -> ContactMerge:
    """Return the merge of one into the other."""
    taken = {"city": NOON + MINUTE}
    return ContactMerge(
        survivor=survivor, loser=loser, taken=taken, merged_at=NOON, campaign_ids=("spring",)
    )


@pytest.fixture
def pair(contacts: ContactRepository) -> tuple[Contact, Contact]:
    """Return a survivor and a loser, each with everything that a contact can have."""
    bob = a_contact(
        "bob",
        email="bob@example.com",
        counterpart=a_counterpart(),
        former=a_counterpart(CONTACT_ID, sobject=SObject.CONTACT),
        waiting=due(NOON, Lane.BULK),
        tags=("b", "a"),
        merged=("carl",),
        secondaries=(
            Secondary(
                record_id=CONTACT_ID,
                object=SObject.CONTACT,
                linked_at=NOON,
                came_from="carl",
                modstamp=NOON,
                gone=True,
                shadows={"interests": ("a", "b"), "score": 1.5},
                lifted_at=NOON + MINUTE,
            ),
        ),
        ledger=Ledger(
            values={"email": "bob@example.com", "score": 1.5, "interests": ("a", "b")},
            times={"email": NOON, "score": NOON + MINUTE},
            shadows={"score": 1, "interests": ("a",), "city": None},
        ),
    )
    ada, bob = stored(contacts, a_contact("ada", email="ada@example.com"), bob)
    return ada, bob


def test_a_contact_with_further_records_comes_back_whole(
    contacts: ContactRepository, pair: tuple[Contact, Contact]
) -> None:
    """They are part of its one item."""
    bob = pair[1]

    assert contacts.get_many(["bob"])["bob"] == bob
    assert bob.secondaries[0].shadows == {"interests": ("a", "b"), "score": 1.5}
    assert bob.merged == ("carl",)


def test_a_merge_is_stored_with_all_that_it_changes(
    contacts: ContactRepository,
    links: LinkRepository,
    merges: MergeRepository,
    pair: tuple[Contact, Contact],
) -> None:
    """The survivor is saved, the loser goes, its link leads on, and both are kept as they were."""
    ada, bob = pair
    links.claim_many([LinkClaim(link=a_link(subject_id="bob"))])
    moved = a_link(subject_id="ada", state=LinkState.SECONDARY)
    claim = LinkClaim(link=moved, expected=a_link(subject_id="bob"))
    merge = a_merge(ada, bob)

    done = merges.store(merge, survivor=replace(ada, tags=("new",)), loser=bob, links=[claim])

    assert done
    left = contacts.get_many(["ada", "bob"])
    assert {key: (one.tags, one.version) for key, one in left.items()} == {"ada": (("new",), 2)}
    assert links.get_many([LEAD_ID])[LEAD_ID] == moved
    assert merges.get("bob") == merge
    assert merges.get("ada") is None


def test_a_merge_that_was_undone(
    contacts: ContactRepository, merges: MergeRepository, pair: tuple[Contact, Contact]
) -> None:
    """The loser is stored anew, and may be merged once more."""
    ada, bob = pair
    merges.store(a_merge(ada, bob), survivor=ada, loser=bob, links=[])
    undone = replace(a_merge(ada, bob), state=MergeState.UNDONE, undone_at=NOON + MINUTE)

    survivor = contacts.get_many(["ada"])["ada"]
    assert merges.store(undone, survivor=survivor, loser=replace(bob, version=0), links=[])

    assert merges.get("bob") == undone
    left = contacts.get_many(["ada", "bob"])
    assert left["bob"] == replace(bob, version=1)
    assert merges.store(
        a_merge(left["ada"], left["bob"]), survivor=left["ada"], loser=left["bob"], links=[]
    )


@pytest.mark.parametrize("late", ["survivor", "loser", "link", "merge"])
def test_somebody_else_was_quicker(
    contacts: ContactRepository,
    links: LinkRepository,
    merges: MergeRepository,
    pair: tuple[Contact, Contact],
    late: str,
) -> None:
    """Then nothing at all is stored."""
    ada, bob = pair
    links.claim_many([LinkClaim(link=a_link(subject_id="eve" if late == "link" else "bob"))])
    moved = LinkClaim(link=a_link(subject_id="ada"), expected=a_link(subject_id="bob"))
    merge = a_merge(ada, bob)
    if late == "merge":
        merge = replace(merge, state=MergeState.UNDONE)
    survivor = replace(ada, version=7) if late == "survivor" else ada
    loser = replace(bob, version=7) if late == "loser" else bob

    assert not merges.store(merge, survivor=survivor, loser=loser, links=[moved])

    assert contacts.get_many(["ada", "bob"]) == {"ada": ada, "bob": bob}
    assert links.get_many([LEAD_ID])[LEAD_ID].subject_id in {"bob", "eve"}
    assert merges.get("bob") is None


@pytest.mark.parametrize("stands", [True, False])
def test_another_merge_is_revised_along_with_an_undoing(
    contacts: ContactRepository,
    merges: MergeRepository,
    pair: tuple[Contact, Contact],
    stands: bool,  # noqa: FBT001 - either
) -> None:
    """Both are stored, or neither, if that one has been undone itself."""
    ada, bob = pair
    (eve,) = stored(contacts, a_contact("eve"))
    first, second = a_merge(ada, bob), a_merge(ada, eve)
    merges.store(first, survivor=ada, loser=bob, links=[])
    now = contacts.get_many(["ada"])["ada"]
    merges.store(second, survivor=now, loser=eve, links=[])
    now = contacts.get_many(["ada"])["ada"]
    if not stands:
        undone = replace(first, state=MergeState.UNDONE, undone_at=NOON)
        merges.store(undone, survivor=now, loser=replace(bob, version=0), links=[])
        now = contacts.get_many(["ada"])["ada"]
    before = merges.get("bob")
    revised = replace(first, taken={"city": NOON + 2 * MINUTE})
    undone = replace(second, state=MergeState.UNDONE, undone_at=NOON)

    answer = merges.store(
        undone, survivor=now, loser=replace(eve, version=0), links=[], revised=[revised]
    )

    assert answer is stands
    assert merges.get("bob") == (revised if stands else before)
    assert (merges.get("eve") == undone) is stands
    assert ("eve" in contacts.get_many(["eve"])) is stands


def test_merges_page_by_page(contacts: ContactRepository, merges: MergeRepository) -> None:
    """Each comes once."""
    for number in range(5):
        ada, loser = stored(contacts, a_contact(f"ada-{number}"), a_contact(f"bob-{number}"))
        merges.store(a_merge(ada, loser), survivor=ada, loser=loser, links=[])

    seen = []
    after = None
    while True:
        listing = merges.page(limit=2, after=after)
        seen += [merge.id for merge in listing.items]
        after = listing.next
        if after is None:
            break

    assert sorted(seen) == [f"bob-{number}" for number in range(5)]
