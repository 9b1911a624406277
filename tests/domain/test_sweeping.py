"""What a sweep takes for gone, and what may be back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from counterpart.domain.links import Link, LinkState, Secondary
from counterpart.domain.opportunities import ContactRole, Opportunity, is_news
from counterpart.domain.records import SObject
from counterpart.domain.sweeping import (
    gone_deals,
    gone_records,
    held_records,
    lost_records,
    may_return,
)
from tests.domain.samples import NOON, a_contact, a_counterpart, record_id

DEAL = Opportunity(id="006AB00000abcDEIAY", modified_at=NOON, modstamp=NOON, name="Engine")
ROLE = ContactRole(
    id="00KAB00000abcDEIAY", opportunity_id=DEAL.id, contact_record_id="003", modstamp=NOON
)


def test_what_lives_is_left_alone() -> None:
    """Nothing is stored of it."""
    assert gone_deals([DEAL], {DEAL.id}) == []
    assert gone_deals([ROLE], {ROLE.id, DEAL.id}) == []


def test_what_is_seen_again_is_news() -> None:
    """Our user may have got back a right; nothing changed in the row by that."""
    (kept,) = gone_deals([DEAL], ())
    (kept_role,) = gone_deals([ROLE], {DEAL.id})

    assert kept.deleted
    assert kept_role.deleted
    assert is_news(DEAL, kept)
    assert is_news(ROLE, kept_role)


@pytest.mark.parametrize(
    ("state", "days", "asked"),
    [
        (LinkState.DELETED_THERE, 0, True),
        (LinkState.DELETED_THERE, 15, True),
        (LinkState.DELETED_THERE, 17, False),
        (LinkState.MERGED, 0, False),
        (LinkState.CONVERTED, 0, False),
        (LinkState.DELETED_HERE, 0, False),
    ],
)
def test_what_may_come_out_of_the_recycle_bin(state: LinkState, days: int, *, asked: bool) -> None:
    """It is counted from the deletion, however long ago the link was made."""
    link = Link(
        record_id=record_id(1),
        object=SObject.LEAD,
        state=state,
        linked_at=NOON - timedelta(days=400),
        modstamp=NOON - timedelta(days=days),
    )

    assert may_return(a_contact(), link, now=NOON) is asked


def test_what_salesforce_has_forgotten_does_not_come_back() -> None:
    """So a link that ends because of it is not asked for again, night after night."""
    (gone,) = gone_records([a_counterpart()], {}, now=NOON)
    link = Link(
        record_id=gone.id,
        object=gone.object,
        state=LinkState.DELETED_THERE,
        modstamp=gone.modstamp,
    )

    assert not may_return(a_contact(), link, now=NOON)
    assert not may_return(a_contact(), None, now=NOON)


def test_who_has_another_record_by_now_has_no_former_one() -> None:
    """Only whoever is without one is looked after."""
    former = a_counterpart(1)

    assert lost_records(a_contact(former=former)) == [former]
    assert lost_records(a_contact(former=former, counterpart=a_counterpart(2))) == []


def test_a_further_record_that_is_gone_is_asked_for() -> None:
    """Whether there is a counterpart or not; one that lives needs no look while there is one."""
    gone = Secondary(
        record_id=record_id(2), object=SObject.LEAD, linked_at=NOON, came_from="bob", gone=True
    )
    lives = replace(gone, record_id=record_id(3), gone=False)
    contact = replace(a_contact(counterpart=a_counterpart(1)), secondaries=(gone, lives))

    assert held_records([contact]) == [contact.counterpart, lives]
    assert lost_records(contact) == [gone]
    assert lost_records(replace(contact, counterpart=None)) == [gone, lives]


@pytest.mark.parametrize("subject_id", ["ada", "eve"])
@pytest.mark.parametrize(
    ("state", "number", "has_counterpart", "asked"),
    [
        # Its former record, a further one that lives, and one that was deleted.
        (LinkState.LINKED, 1, False, True),
        (LinkState.LINKED, 2, False, True),
        (LinkState.LINKED, 3, False, True),
        (LinkState.SECONDARY, 2, False, False),
        (LinkState.SECONDARY, 2, True, False),
        (LinkState.SECONDARY, 3, True, True),
        (LinkState.LINKED, 1, True, False),
    ],
)
def test_a_run_broke_off_between_a_link_and_its_contact(
    state: LinkState, number: int, subject_id: str, *, has_counterpart: bool, asked: bool
) -> None:
    """The record is looked at again, unless it is somebody else's."""
    lives = Secondary(record_id=record_id(2), object=SObject.LEAD, linked_at=NOON, came_from="bob")
    own = a_counterpart(4) if has_counterpart else None
    contact = replace(
        a_contact(counterpart=own, former=None if own else a_counterpart(1)),
        secondaries=(lives, replace(lives, record_id=record_id(3), gone=True)),
    )
    link = Link(
        record_id=record_id(number), object=SObject.LEAD, state=state, subject_id=subject_id
    )

    assert may_return(contact, link, now=NOON) is (asked and subject_id == contact.id)
