"""What every repository of links does: it keeps a counterpart unique."""

from dataclasses import replace

import pytest

from counterpart.domain.links import Link, LinkedBy, LinkState
from counterpart.domain.records import SObject
from counterpart.ports import LinkClaim, LinkRepository
from tests.contracts.stores.samples import CONTACT_ID, LEAD_ID, MINUTE, NOON, a_link


def claim(link: Link, *, expected: Link | None = None) -> LinkClaim:
    """Return a claim on what is expected to be there."""
    return LinkClaim(link=link, expected=expected)


def test_a_link_comes_back_whole(links: LinkRepository) -> None:
    """Nothing of a link is lost or changed."""
    whole = Link(
        record_id=LEAD_ID,
        object=SObject.LEAD,
        state=LinkState.LINKED,
        subject_id="ada",
        linked_at=NOON.replace(microsecond=3),
        linked_by=LinkedBy.EMAIL,
        reason="Because",
        modstamp=NOON,
    )
    bare = a_link(CONTACT_ID, subject_id=None)

    conflicts = links.claim_many([claim(whole), claim(bare)])

    assert not conflicts
    assert links.get_many([LEAD_ID, CONTACT_ID, "unknown"]) == {LEAD_ID: whole, CONTACT_ID: bare}


def test_a_record_belongs_to_whoever_claims_it_first(links: LinkRepository) -> None:
    """A claim that expects nothing fails if there is something, and its neighbours don't."""
    links.claim_many([claim(a_link(subject_id="ada"))])

    conflicts = links.claim_many(
        [claim(a_link(subject_id="bob")), claim(a_link(CONTACT_ID, subject_id="bob"))]
    )

    assert set(conflicts) == {LEAD_ID}
    stored = links.get_many([LEAD_ID, CONTACT_ID])
    assert {key: link.subject_id for key, link in stored.items()} == {
        LEAD_ID: "ada",
        CONTACT_ID: "bob",
    }


def test_two_claims_in_one_call(links: LinkRepository) -> None:
    """Of two claims on one record, one is stored and the caller is told of the other."""
    claims = [claim(a_link(subject_id=name)) for name in ("ada", "bob")]

    conflicts = links.claim_many(claims)

    assert set(conflicts) == {LEAD_ID}
    assert links.get_many([LEAD_ID])[LEAD_ID].subject_id in {"ada", "bob"}


@pytest.mark.parametrize("before", [a_link(), a_link(subject_id=None), a_link(reason="why")])
def test_what_was_read_may_be_replaced(links: LinkRepository, before: Link) -> None:
    """A claim that expects what is there succeeds."""
    links.claim_many([claim(before)])
    after = a_link(subject_id="bob", state=LinkState.MERGED)

    conflicts = links.claim_many([claim(after, expected=before)])

    assert not conflicts
    assert links.get_many([LEAD_ID]) == {LEAD_ID: after}


@pytest.mark.parametrize(
    "meanwhile",
    [a_link(subject_id="bob"), a_link(state=LinkState.DELETED_THERE), a_link(subject_id=None)],
)
def test_what_changed_meanwhile_stays(links: LinkRepository, meanwhile: Link) -> None:
    """Another subject or another state than expected refuses the claim."""
    links.claim_many([claim(meanwhile)])

    conflicts = links.claim_many([claim(a_link(subject_id="eve"), expected=a_link())])

    assert set(conflicts) == {LEAD_ID}
    assert links.get_many([LEAD_ID]) == {LEAD_ID: meanwhile}


def test_expecting_what_is_not_there(links: LinkRepository) -> None:
    """A claim that expects a link fails if there is none, whatever its subject."""
    conflicts = links.claim_many(
        [
            claim(a_link(), expected=a_link()),
            claim(a_link(CONTACT_ID), expected=a_link(CONTACT_ID, subject_id=None)),
        ]
    )

    assert set(conflicts) == {LEAD_ID, CONTACT_ID}
    assert links.get_many([LEAD_ID, CONTACT_ID]) == {}


def test_details_do_not_make_another_link(links: LinkRepository) -> None:
    """Two links are the same if subject and state are."""
    links.claim_many([claim(a_link(linked_at=NOON, linked_by=LinkedBy.RECORD))])
    after = a_link(linked_at=NOON + MINUTE, modstamp=NOON)

    conflicts = links.claim_many([claim(after, expected=a_link(reason="other"))])

    assert not conflicts
    assert links.get_many([LEAD_ID]) == {LEAD_ID: after}


def test_more_links_than_one_request_takes(links: LinkRepository) -> None:
    """Any number can be claimed and read."""
    ids = [f"00QAB{number:013}" for number in range(130)]

    conflicts = links.claim_many([claim(replace(a_link(), record_id=each)) for each in ids])

    assert not conflicts
    assert links.get_many(ids).keys() == set(ids)
    assert links.get_many([]) == {}
