"""Bounces that Salesforce knows of, and what becomes of them with the address."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from counterpart.domain.bounces import BounceKind, BounceSource
from counterpart.domain.contact_merge_plans import Choice
from counterpart.domain.mail_reports import BounceReport, arrives, bounced
from counterpart.domain.mapping import ConflictPolicy
from counterpart.domain.outcomes import Reason
from counterpart.domain.records import SObject
from counterpart.use_cases.diverged_contacts import Side, take_side
from counterpart.use_cases.mark_contact import mark_contact
from tests.use_cases.world import World


def report_bounce(world: World, contact_id: str) -> None:
    """Report a hard bounce as the API does."""
    mark_contact(
        contact_id,
        lambda contact: bounced(contact, BounceReport(kind=BounceKind.HARD), now=world.now),
        contacts=world.contacts,
    )


@pytest.mark.parametrize("kind", [SObject.LEAD, SObject.CONTACT])
def test_a_bounce_in_salesforce_comes_in(kind: SObject) -> None:
    """As a state of its own: nobody is opted out, here or there, and nothing goes out."""
    world = World()
    record_id = world.lead() if kind is SObject.LEAD else world.person()
    world.pull()
    world.wait()
    world.org.bounce(record_id, "no such mailbox")

    world.settle(2)

    ada = world.of(record_id)
    assert ada.bounce
    assert (ada.bounce.kind, ada.bounce.source) == (BounceKind.HARD, BounceSource.SALESFORCE)
    assert ada.bounce.reason == "no such mailbox"
    assert not ada.opted_out
    assert world.org.row(record_id)["HasOptedOutOfEmail"] is False
    assert world.writes_of("salesforce") == 0


def test_a_record_that_bounced_before_it_came_in() -> None:
    """Its contact is born with the bounce."""
    world = World()
    lead_id = world.lead()
    world.org.bounce(lead_id, "full")

    world.pull()

    assert world.of(lead_id).bounce is not None


def test_a_record_that_bounced_is_found_before_creating() -> None:
    """The contact that is linked to it learns of the bounce at once."""
    world = World()
    lead_id = world.lead()
    world.org.bounce(lead_id, "no such mailbox")
    world.add(sync=True)

    world.create()

    assert world.of(lead_id).bounce is not None


def test_the_address_is_changed_there() -> None:
    """Salesforce clears its mark, and so do we; ours goes as well."""
    world = World()
    first, second = world.lead("ada@example.com"), world.lead("bob@example.com")
    world.pull()
    world.org.bounce(first, "no such mailbox")
    report_bounce(world, world.of(second).id)
    world.wait()
    world.pull()
    assert world.of(first).bounce
    assert world.of(second).bounce

    world.wait()
    world.org.edit(first, {"Email": "new@example.com"})
    world.org.edit(second, {"Email": "other@example.com"})
    world.settle(2)

    assert world.of(first).bounce is None
    assert world.of(second).bounce is None


def test_the_address_is_changed_here() -> None:
    """The bounce ends at once, the mark of the old address does not come back, and the new goes."""
    world = World()
    lead_id = world.lead()
    world.pull()
    world.org.bounce(lead_id, "no such mailbox")
    world.wait()
    world.pull()

    world.edit(world.of(lead_id).id, email="new@example.com")
    at_once = world.of(lead_id).bounce
    world.org.touch(lead_id)
    world.wait()
    world.pull()
    meanwhile = world.of(lead_id).bounce
    world.settle(2)

    assert (at_once, meanwhile, world.of(lead_id).bounce) == (None, None, None)
    assert world.org.row(lead_id)["EmailBouncedDate"] is None


def _edited_back(world: World, ada: str) -> None:
    world.edit(ada, email="ada@example.com")


def _taken_from_there(world: World, ada: str) -> None:
    take_side(
        ada,
        "email",
        Side.THEIRS,
        now=world.now,
        contacts=world.contacts,
        settings=world.settings,
    )


def _given_way_to(world: World, ada: str) -> None:
    """Let a newer record win, in which nobody has changed the address."""
    fields = world.settings.current().fields
    newest = [replace(field, conflict=ConflictPolicy.NEWEST_RECORD) for field in fields]
    world.change(fields=tuple(newest))
    record_id = world.contact(ada).record_id
    assert record_id
    world.org.edit(record_id, {"Title": "Countess"})
    world.wait()
    world.push()


def _chosen_in_a_merge(world: World, ada: str) -> None:
    world.merge(ada, world.add("ada@example.com"), email=Choice.LOSER)


def _brought_by_a_further_record(world: World, ada: str) -> None:
    further = world.lead("new@example.com", LastName="Byron")
    world.pull()
    byron = world.of(further).id
    world.wait()
    world.merge(ada, byron)
    world.org.edit(further, {"Email": "ada@example.com"})
    world.wait()
    world.pull()


@pytest.mark.parametrize("known_before", [True, False])
@pytest.mark.parametrize(
    "way",
    [
        _edited_back,
        _taken_from_there,
        _given_way_to,
        _chosen_in_a_merge,
        _brought_by_a_further_record,
    ],
)
def test_the_address_of_the_record_is_ours_again(
    way: Callable[[World, str], None], *, known_before: bool
) -> None:
    """So is its bounce, which Salesforce has told before the other address, or while it was ours.

    Nothing changes there, so no pull would tell it once more.
    """
    world = World()
    lead_id = world.lead()
    world.pull()
    world.wait()
    ada = world.of(lead_id).id
    if not known_before:
        world.edit(ada, email="new@example.com")
    world.org.bounce(lead_id, "no such mailbox")
    world.wait()
    world.pull()
    if known_before:
        world.edit(ada, email="new@example.com")
    meanwhile = world.contact(ada).bounce
    world.wait()

    way(world, ada)

    known = world.contact(ada)
    assert known.email == "ada@example.com"
    assert meanwhile is None
    assert known.bounce
    assert (known.bounce.kind, known.bounce.source) == (BounceKind.HARD, BounceSource.SALESFORCE)
    assert known.bounce.reason == "no such mailbox"


def test_a_merge_is_undone_whose_address_was_the_losers() -> None:
    """What Salesforce has told meanwhile of the survivor's own address is known then."""
    world = World()
    lead_id = world.lead()
    world.pull()
    ada, augusta = world.of(lead_id).id, world.add("augusta@example.com")
    world.wait()
    world.merge(ada, augusta, email=Choice.LOSER)
    world.org.bounce(lead_id, "no such mailbox")
    world.wait()
    world.pull()
    meanwhile = world.contact(ada).bounce

    world.undo(augusta)

    assert meanwhile is None
    assert world.contact(ada).email == "ada@example.com"
    assert world.contact(ada).bounce is not None


def _went_out(world: World, ada: str) -> None:
    world.edit(ada, email="new@example.com")
    world.push()


def _arrived(world: World, ada: str) -> None:
    mark_contact(ada, lambda contact: arrives(contact, now=world.now), contacts=world.contacts)
    world.edit(ada, email="new@example.com")


@pytest.mark.parametrize("over", [_went_out, _arrived])
def test_an_address_whose_bounce_is_over_is_ours_again(over: Callable[[World, str], None]) -> None:
    """Salesforce has cleared its mark with the address; or somebody said that mail arrives."""
    world = World()
    lead_id = world.lead()
    world.org.bounce(lead_id, "no such mailbox")
    world.pull()
    world.wait()
    ada = world.of(lead_id).id
    assert world.contact(ada).bounce

    over(world, ada)
    world.wait()
    world.edit(ada, email="ada@example.com")

    assert world.contact(ada).bounce is None


def test_a_bounce_reported_here_is_news_to_nobody() -> None:
    """It stays here, however often the record is read."""
    world = World()
    lead_id = world.lead()
    world.pull()
    report_bounce(world, world.of(lead_id).id)
    world.wait()
    world.org.edit(lead_id, {"Title": "Director"})

    world.settle(2)

    bounce = world.of(lead_id).bounce
    assert bounce
    assert bounce.source is BounceSource.API
    assert world.org.row(lead_id)["EmailBouncedDate"] is None


def test_an_org_that_does_not_show_bounces() -> None:
    """One warning for each object; people come in as ever."""
    world = World()
    world.org.hidden.add((SObject.LEAD, "EmailBouncedDate"))
    lead_id = world.lead()

    reports = [world.pull() for _ in range(3)]

    assert world.of(lead_id).bounce is None
    assert [(each.reason, each.field) for report in reports for each in report.outcomes] == [
        (Reason.FIELD_UNAVAILABLE, "EmailBouncedDate")
    ]


def test_a_bounce_survives_what_happens_to_the_record() -> None:
    """The address is the same after a conversion."""
    world = World()
    lead_id = world.lead()
    world.pull()
    report_bounce(world, world.of(lead_id).id)
    world.wait()
    contact_id = world.org.convert(lead_id)

    world.settle(2)

    assert world.of(contact_id).bounce is not None


def _converted(world: World, lead_id: str) -> str:
    return world.org.convert(lead_id)


def _converted_into_another(world: World, lead_id: str) -> str:
    contact_id = world.person(None)
    world.org.convert(lead_id, contact_id=contact_id)
    world.org.edit(contact_id, {"Email": "ada@example.com"})
    return contact_id


def _merged(world: World, lead_id: str) -> str:
    winner_id = world.lead(None)
    world.org.edit(winner_id, {"Email": "ada@example.com"})
    world.org.merge(winner_id, lead_id)
    return winner_id


@pytest.mark.parametrize("way", [_converted, _converted_into_another, _merged])
def test_what_takes_over_from_a_record_that_bounced(way: Callable[[World, str], str]) -> None:
    """The address is as it was, though the record that bears it now was never marked."""
    world = World()
    lead_id = world.lead()
    world.org.bounce(lead_id, "no such mailbox")
    world.pull()
    world.wait()

    heir = way(world, lead_id)
    # Nothing of Salesforce's own says that a conversion carries the marks over.
    world.org.edit(heir, {"EmailBouncedDate": None, "EmailBouncedReason": None})
    world.settle(2)
    world.org.edit(heir, {"Title": "Countess"})
    world.settle(1)

    bounce = world.of(heir).bounce
    assert bounce
    assert bounce.reason == "no such mailbox"
    assert not world.of(heir).opted_out


def test_an_own_record_says_nothing_of_the_bounce_that_a_further_one_told() -> None:
    """Each bears a mark of its own, and takes back no other's."""
    world = World()
    own_id, further_id = world.lead(), world.lead(LastName="Byron")
    world.pull()
    world.wait()
    ada = world.of(own_id).id
    world.merge(ada, world.of(further_id).id)
    world.org.bounce(further_id, "no such mailbox")
    world.wait()
    world.pull()
    assert world.contact(ada).bounce

    world.wait()
    world.org.edit(own_id, {"Title": "Countess"})
    world.settle(1)

    assert world.contact(ada).bounce is not None
