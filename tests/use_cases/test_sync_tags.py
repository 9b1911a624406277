"""The sync's tags over the life of a contact, and what a pause keeps here."""

import pytest

from counterpart.domain.bounces import BounceKind
from counterpart.domain.contact_merge_plans import Choice
from counterpart.domain.creation_requests import CreateAs
from counterpart.domain.mail_reports import BounceReport, bounced
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.sync_tags import tags_of
from counterpart.domain.wishes import Wish
from counterpart.use_cases.mark_contact import mark_contact
from tests.use_cases.world import World

CAME_IN = "created-from-salesforce-lead"


def paused(world: World, *, tag: str = CAME_IN) -> str:
    """Return a contact whose tag somebody took away."""
    world.lead()
    world.pull()
    contact_id = world.the_contact().id
    world.write(Wish(contact_id=contact_id, remove_tags=(tag,)))
    return contact_id


@pytest.mark.failure("F56")
@pytest.mark.parametrize("how", ["came in", "created", "met"])
def test_a_conversion_replaces_the_tag(how: str) -> None:
    """Whatever it was, the converted contact bears the one of conversions; people's tags stay."""
    world = World()
    if how == "created":
        world.add(sync=True, create_as=CreateAs.LEAD)
        world.create()
    elif how == "met":
        world.add()
        world.lead()
    else:
        world.lead()
    world.pull()
    ada = world.the_contact()
    assert ada.counterpart
    world.write(Wish(contact_id=ada.id, add_tags=("vip",)))
    before = tags_of(world.the_contact())
    world.wait()
    world.org.convert(ada.counterpart.record_id)

    world.settle(2)

    assert before[1] == (CAME_IN if how == "came in" else "added-to-salesforce-lead")
    assert tags_of(world.the_contact()) == ("vip", "salesforce-lead-converted-to-contact")


def test_a_merge_and_an_undeletion_keep_the_tag() -> None:
    """They are other records, and the same story."""
    world = World()
    world.add(sync=True, create_as=CreateAs.LEAD)
    world.create()
    ada = world.the_contact()
    assert ada.counterpart
    winner_id = world.lead(None)
    world.wait()
    world.org.merge(winner_id, ada.counterpart.record_id)
    world.pull()
    merged = tags_of(world.the_contact())
    world.org.delete(winner_id)
    world.wait()
    world.pull()
    deleted = tags_of(world.the_contact())
    world.org.undelete(winner_id)
    world.wait()
    world.pull()

    assert merged == ("added-to-salesforce-lead",)
    assert deleted == ()
    assert tags_of(world.the_contact()) == ("added-to-salesforce-lead",)


def test_a_person_account_has_its_own_tags() -> None:
    """Those of Contacts would name something that people do not see there."""
    world = World()
    world.org.allow_person_accounts()
    world.org.add_person_account({"LastName": "Lovelace", "Email": "ada@example.com"})

    world.pull()

    assert tags_of(world.the_contact()) == ("created-from-salesforce-person-account",)


def test_a_paused_contact_is_left_out_with_a_reason() -> None:
    """The look that follows tells it, what waited stays here, and later looks are silent."""
    world = World()
    contact_id = paused(world)

    report = world.push()
    world.edit(contact_id, job_title="Director")
    silent = world.push(everything_waiting=True)

    assert [(each.action, each.reason) for each in report.outcomes] == [
        (Action.SKIPPED, Reason.OUTBOUND_PAUSED)
    ]
    assert report.skipped == {Reason.OUTBOUND_PAUSED: 1}
    assert silent.outcomes == []
    assert world.contact(contact_id).waiting is None
    assert world.row_of(contact_id)["Title"] is None


def test_an_edit_that_waited_when_the_tag_went() -> None:
    """It is cancelled, and nothing of it is written."""
    world = World()
    lead_id = world.lead()
    world.pull()
    contact_id = world.the_contact().id
    world.wait()
    world.edit(contact_id, job_title="Director")
    world.write(Wish(contact_id=contact_id, tags=()))

    world.settle(2)

    assert world.org.row(lead_id)["Title"] is None
    assert world.contact(contact_id).waiting is None
    assert world.writes_of("salesforce") == 0


@pytest.mark.parametrize("first", ["the tag goes", "the refusal comes"])
def test_a_refusal_goes_out_in_spite_of_a_pause(first: str) -> None:
    """Alone: what was edited with it stays here, with the reason."""
    world = World()
    lead_id = world.lead()
    world.pull()
    contact_id = world.the_contact().id
    world.wait()
    without_its_tag = Wish(contact_id=contact_id, remove_tags=(CAME_IN,))
    if first == "the tag goes":
        world.write(without_its_tag)
        world.push()
        world.wait()
    world.edit(contact_id, opted_out=True, job_title="Director")
    if first == "the refusal comes":
        world.write(without_its_tag)

    report = world.push(everything_waiting=True)

    row = world.org.row(lead_id)
    assert (row["HasOptedOutOfEmail"], row["Title"]) == (True, None)
    assert [(each.action, each.reason) for each in report.outcomes] == [
        (Action.SKIPPED, Reason.OUTBOUND_PAUSED)
    ]
    assert world.contact(contact_id).waiting is None
    assert world.push(everything_waiting=True).api_calls == 0


def test_a_refusal_waits_for_outbound_through_a_pause() -> None:
    """It goes by itself once outbound is on, though the tag is still away."""
    world = World()
    contact_id = paused(world)
    world.push()
    world.wait()
    world.switch_outbound(on=False)
    world.edit(contact_id, opted_out=True)
    world.settle(2)
    before = world.row_of(contact_id)["HasOptedOutOfEmail"]
    world.wait()
    world.switch_outbound(on=True)
    world.wait()

    world.settle(2)

    assert not before
    assert world.row_of(contact_id)["HasOptedOutOfEmail"] is True
    assert world.contact(contact_id).outbound_paused_at


def test_what_somebody_asks_to_push_by_id_stays_paused() -> None:
    """A pause is lifted by its tag alone."""
    world = World()
    contact_id = paused(world)

    report = world.push(contact_ids=(contact_id,))

    assert report.skipped == {Reason.OUTBOUND_PAUSED: 1}
    assert report.api_calls == 0


def test_records_go_on_coming_in_during_a_pause() -> None:
    """It is our edits that stay here; theirs come, and mark nothing."""
    world = World()
    contact_id = paused(world)
    world.push()
    world.wait()
    world.edit(contact_id, phone="+49 30 123456")
    world.org.edit(world.record_of(contact_id), {"Title": "Director"})
    world.wait()

    world.pull()

    after = world.contact(contact_id)
    assert after.ledger.values["job_title"] == "Director"
    assert after.waiting is None


def test_a_pause_outlives_a_conversion() -> None:
    """Somebody wished that nothing of this person goes out, whatever it is there."""
    world = World()
    contact_id = paused(world)
    world.org.convert(world.record_of(contact_id))
    world.settle(2)

    world.write(Wish(contact_id=contact_id, add_tags=("salesforce-lead-converted-to-contact",)))

    assert world.contact(contact_id).outbound_paused_at is None


def test_putting_the_tag_back() -> None:
    """Edits from then on go out, and those made meanwhile stay here."""
    world = World()
    contact_id = paused(world)
    world.push()
    world.wait()
    world.edit(contact_id, job_title="Director")
    world.wait()
    world.write(Wish(contact_id=contact_id, add_tags=(CAME_IN,)))
    world.wait()
    world.edit(contact_id, phone="+49 30 123456")

    world.settle(2)

    row = world.row_of(contact_id)
    assert (row["Title"], row["Phone"]) == (None, "+49 30 123456")


def test_withdrawing_a_request_by_its_tag() -> None:
    """The job that is on its way makes nothing."""
    world = World()
    contact_id = world.add(sync=True, create_as=CreateAs.LEAD)
    world.write(Wish(contact_id=contact_id, tags=()))

    world.create()

    assert world.contact(contact_id).counterpart is None
    assert world.writes_of("salesforce") == 0


def test_a_merge_here_keeps_the_story_the_bounce_and_the_pause() -> None:
    """The survivor takes over the record of the other, and what was said of it."""
    world = World()
    ada = world.add("ada@example.com")
    bob = world.add("bob@example.com", sync=True, create_as=CreateAs.LEAD)
    world.create()
    mark_contact(
        bob,
        lambda contact: bounced(contact, BounceReport(kind=BounceKind.HARD), now=world.now),
        contacts=world.contacts,
    )
    world.merge(ada, bob, email=Choice.LOSER)
    merged = world.contact(ada)
    world.write(Wish(contact_id=ada, tags=()))
    eve = world.add("eve@example.com")

    world.merge(eve, ada)

    assert tags_of(merged) == ("added-to-salesforce-lead",)
    assert merged.bounce is not None
    assert world.contact(eve).outbound_paused_at == world.now
