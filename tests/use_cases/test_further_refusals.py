"""A refusal to be mailed reaches every record of a person, also those of a merge here."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from counterpart.domain.contact_merge_plans import Choice
from counterpart.domain.creation_requests import CreateAs, CreationRequest
from counterpart.domain.inbound_settings import Inbound, InboundObject, OnRemoteDelete
from counterpart.domain.outbound_settings import Outbound, OutboundObject
from counterpart.domain.outcomes import Action, Reason, RunStatus
from counterpart.domain.records import SObject
from counterpart.domain.refusals import Refusal
from counterpart.domain.selection import Selection, SelectionMode
from counterpart.domain.waiting import Lane
from counterpart.domain.wishes import Wish
from counterpart.ports import CreationJob
from counterpart.use_cases.diverged_contacts import Side, take_side
from tests.use_cases.refusing import BOX, opt_in
from tests.use_cases.world import World

LOCKED = Refusal(code="UNABLE_TO_LOCK_ROW", message="locked")
IN_APPROVAL = Refusal(code="ENTITY_IS_LOCKED", message="locked for approval")
RULE = Refusal(code="FIELD_CUSTOM_VALIDATION_EXCEPTION", message="not on a Monday")


class Family:
    """Ada, a Contact in Salesforce, into whom Augusta was merged here, who is a Lead."""

    def __init__(self, *, refusing: str | None = None) -> None:
        self.world = World()
        self.own = self.world.person("ada@example.com")
        self.further = self.world.lead("augusta@example.com")
        self.world.pull()
        self.ada = self.world.of(self.own).id
        augusta = self.world.of(self.further).id
        self.world.wait()
        if refusing:
            # Nobody has been told yet when they become one.
            self.world.edit({"ada": self.ada, "augusta": augusta}[refusing], opted_out=True)
        self.world.merge(self.ada, augusta, email=Choice.SURVIVOR)
        self.world.wait()

    def refuse(self) -> None:
        """Refuse on Ada's behalf, and edit something else."""
        self.world.edit(self.ada, opted_out=True, job_title="Countess")

    def push(self) -> None:
        """Push whatever waits."""
        self.world.push(everything_waiting=True)

    @property
    def told(self) -> tuple[bool, bool]:
        """Return whether her own record knows of a refusal, and whether the further one does."""
        rows = [self.world.org.row(record_id) for record_id in (self.own, self.further)]
        return bool(rows[0][BOX]), bool(rows[1][BOX])


def test_a_refusal_is_told_to_a_further_record() -> None:
    """And nothing else is; what both know is not written again."""
    family = Family()
    family.refuse()

    family.push()

    assert family.told == (True, True)
    rows = [family.world.org.row(record_id)["Title"] for record_id in (family.own, family.further)]
    assert rows == ["Countess", None]
    assert not family.world.waits(family.ada)
    family.world.settle(3)
    assert family.world.push(contact_ids=(family.ada,)).counts == {}


@pytest.mark.parametrize("refusing", ["ada", "augusta"])
def test_a_refusal_from_before_they_were_one(refusing: str) -> None:
    """Whoever of them refused, both records learn of it."""
    family = Family(refusing=refusing)

    family.push()

    assert family.told == (True, True)


def test_a_refusal_that_comes_from_salesforce() -> None:
    """Ticked in her own record, it is carried to the further one; and the other way round."""
    family, other = Family(), Family()

    family.world.org.edit(family.own, {BOX: True})
    other.world.org.edit(other.further, {BOX: True})
    for each in (family, other):
        each.world.settle(2)

    assert family.told == (True, True)
    assert other.told == (True, True)


def _as_it_is(_: Family, __: str) -> None:
    pass


def _in_approval(family: Family, winner_id: str) -> None:
    family.world.org.refusals[winner_id] = IN_APPROVAL


def _against_a_rule(family: Family, winner_id: str) -> None:
    family.world.org.refusals[winner_id] = RULE


def _without_a_title(family: Family, _: str) -> None:
    family.world.org.hidden.add((SObject.CONTACT, "Title"))


@pytest.mark.failure("F58")
@pytest.mark.parametrize("rest", [_as_it_is, _in_approval, _against_a_rule, _without_a_title])
def test_a_refusal_that_a_push_is_the_first_to_find(rest: Callable[[Family, str], None]) -> None:
    """The next one tells it to the further record, whatever the rest of the row has to wait for."""
    family = Family()
    world = family.world
    world.org.edit(family.own, {BOX: True})
    world.pull()
    world.wait()
    opt_in(world, family.ada)
    world.edit(family.ada, job_title="Countess")
    # Somebody refused there, which no pull reads, as nobody has chosen the record.
    objects = world.settings.current().inbound.objects
    marked = InboundObject(selection=Selection(mode=SelectionMode.MARKED))
    world.change(inbound=Inbound(objects={**objects, SObject.CONTACT: marked}))
    winner_id = world.person(None, HasOptedOutOfEmail=True)
    world.org.merge(winner_id, family.own)
    world.wait()
    family.push()
    assert world.contact(family.ada).record_id == winner_id
    rest(family, winner_id)
    world.wait(10)

    world.push(scheduled=True)
    found = world.contact(family.ada).ledger.values["opted_out"]
    world.wait(10)
    world.push(scheduled=True)

    assert found is True
    assert world.org.row(family.further)[BOX]
    marks = [one.reason for one in world.outcomes() if one.action is Action.CONFLICTED]
    assert marks == [Reason.BOTH_CHANGED]


@pytest.mark.parametrize("off", [True, False])
def test_a_refusal_that_somebody_takes_from_salesforce(*, off: bool) -> None:
    """In place of an opt-in that did not go out; the further record never knew of either."""
    family = Family()
    world = family.world
    world.org.edit(family.own, {BOX: True})
    world.org.refusals[family.further] = RULE
    world.settle(2)
    world.org.refusals.clear()
    world.switch_outbound(on=False)
    opt_in(world, family.ada)
    world.settle(1)
    world.switch_outbound(on=not off)
    world.wait()

    take_side(
        family.ada,
        "opted_out",
        Side.THEIRS,
        now=world.now,
        contacts=world.contacts,
        settings=world.settings,
    )
    world.switch_outbound(on=True)
    world.settle(2)

    assert family.told == (True, True)
    assert not world.waits(family.ada)


def test_a_box_that_is_unticked_in_a_further_record() -> None:
    """It is ticked again, as it would be in her own."""
    family = Family()
    family.refuse()
    family.push()
    family.world.wait()

    family.world.org.edit(family.further, {BOX: False})
    family.world.settle(2)

    assert family.told == (True, True)


def test_a_further_record_that_knows_already() -> None:
    """Somebody ticked it there a moment ago: nothing is written to it."""
    family = Family()
    family.world.org.edit(family.further, {BOX: True})
    before = family.world.org.row(family.further)["SystemModstamp"]
    family.world.wait()
    family.refuse()

    family.push()

    assert family.told == (True, True)
    assert family.world.org.row(family.further)["SystemModstamp"] == before


def test_a_refusal_goes_to_both_in_spite_of_a_pause() -> None:
    """A paused contact's edits stay here; its refusal does not."""
    family = Family()
    family.world.write(Wish(contact_id=family.ada, tags=()))
    family.world.push()
    family.refuse()

    family.push()

    assert family.told == (True, True)
    assert family.world.org.row(family.own)["Title"] is None


def test_a_further_record_that_is_locked() -> None:
    """It is tried again; her own record does not wait for it."""
    family = Family()
    family.world.org.refusals[family.further] = LOCKED
    family.refuse()

    family.push()
    first = family.told
    waiting = family.world.contact(family.ada).waiting
    family.world.org.refusals.clear()
    family.world.wait(10)
    family.push()

    assert first == (True, False)
    assert waiting
    assert (waiting.lane, waiting.attempts) == (Lane.RETRY, 1)
    assert family.told == (True, True)
    assert not family.world.waits(family.ada)


def test_a_further_record_that_is_locked_while_the_own_one_is_gone() -> None:
    """Where deletions are ignored nothing else waits any more, but this does."""
    family = Family()
    world = family.world
    inbound = world.settings.current().inbound
    world.change(inbound=replace(inbound, on_remote_delete=OnRemoteDelete.IGNORE))
    world.org.refusals[family.further] = LOCKED
    family.refuse()
    world.org.delete(family.own)

    family.push()
    waiting = world.contact(family.ada).waiting
    world.org.refusals.clear()
    world.wait(10)
    family.push()

    assert waiting
    assert (waiting.lane, waiting.attempts) == (Lane.RETRY, 1)
    assert world.org.row(family.further)[BOX]
    assert not world.waits(family.ada)


def test_a_further_record_that_stays_locked() -> None:
    """Patience ends, with Salesforce's words in the outcome."""
    family = Family()
    family.world.org.refusals[family.further] = LOCKED
    family.refuse()

    for _ in range(12):
        family.push()
        family.world.wait(7 * 60)

    assert family.told == (True, False)
    assert not family.world.waits(family.ada)
    (given_up,) = [one for one in family.world.outcomes() if one.reason is Reason.GAVE_UP]
    assert (given_up.action, given_up.record_id, given_up.field) == (
        Action.FAILED,
        family.further,
        "opted_out",
    )


def test_a_further_record_that_refuses_it() -> None:
    """That is told, of this record; her own is written; the next push tries again."""
    family = Family()
    family.world.org.refusals[family.further] = RULE
    family.refuse()

    family.push()

    (refused,) = [one for one in family.world.outcomes() if one.reason is Reason.REFUSED]
    assert (refused.record_id, refused.code, refused.message) == (
        family.further,
        RULE.code,
        RULE.message,
    )
    assert family.told == (True, False)
    assert not family.world.waits(family.ada)
    family.world.org.refusals.clear()
    family.world.edit(family.ada, job_title="Mathematician")
    family.push()
    assert family.told == (True, True)


@pytest.mark.parametrize("off", [SObject.LEAD, SObject.CONTACT])
def test_an_object_to_which_nothing_goes_out(off: SObject) -> None:
    """Whose record may be written learns of it; the other one when it may be written again.

    A further record does not go before her own.
    """
    family = Family()
    objects = {**Outbound().objects, off: OutboundObject(enabled=False)}
    family.world.change(outbound=Outbound(objects=objects))
    family.refuse()
    family.world.settle(2)
    meanwhile = family.told
    family.world.change(outbound=Outbound())
    family.world.wait()

    family.world.settle(2)

    assert meanwhile == (off is SObject.LEAD, False)
    assert family.told == (True, True)
    assert not family.world.waits(family.ada)


def test_outbound_is_switched_off_between_two_further_records(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The second learns of it, and her own, once it is on again."""
    monkeypatch.setattr("counterpart.use_cases.further_refusals.WRITE_SIZE", 1)
    family = Family()
    world = family.world
    second = world.lead("byron@example.com")
    world.pull()
    world.wait()
    world.merge(family.ada, world.of(second).id, email=Choice.SURVIVOR)
    world.wait()
    family.refuse()
    world.on_write["salesforce.update"] = lambda: world.switch_outbound(on=False)

    family.push()
    knew = [*family.told, bool(world.org.row(second)[BOX])]
    world.wait()
    world.switch_outbound(on=True)
    world.settle(2)

    assert sorted(knew) == [False, False, True]
    assert not knew[0]
    assert family.told == (True, True)
    assert world.org.row(second)[BOX]
    assert world.row_of(family.ada)["Title"] is None
    assert not world.waits(family.ada)


def test_a_box_that_is_hidden_in_a_further_record() -> None:
    """That is told once, and looked at again until the org shows it."""
    family = Family()
    family.world.org.hidden.add((SObject.LEAD, BOX))
    family.refuse()

    family.push()
    first = family.told
    family.world.wait(61)
    family.push()
    told = [one for one in family.world.outcomes() if one.reason is Reason.FIELD_UNAVAILABLE]
    family.world.org.hidden.clear()
    family.world.wait(61)
    family.push()

    assert first == (True, False)
    assert [(one.record_id, one.field) for one in told] == [(family.further, "opted_out")]
    assert family.told == (True, True)


def test_a_further_record_of_an_object_that_is_hidden() -> None:
    """Its refusal waits until our user may see it again."""
    family = Family()
    family.world.org.hidden_objects.add(SObject.LEAD)
    family.refuse()

    family.push()
    first = (bool(family.world.org.row(family.own)[BOX]), family.world.waits(family.ada))
    family.world.org.hidden_objects.clear()
    family.world.wait(61)
    family.push()

    assert first == (True, True)
    assert family.told == (True, True)
    assert not family.world.waits(family.ada)


def _deleted(family: Family) -> None:
    family.world.org.delete(family.further)


def _purged(family: Family) -> None:
    family.world.org.delete(family.further)
    family.world.org.purge(family.further)


@pytest.mark.parametrize("gone", [_deleted, _purged])
def test_a_further_record_that_is_gone(gone: Callable[[Family], None]) -> None:
    """Nobody has to be told any more."""
    family = Family()
    gone(family)
    family.refuse()

    family.push()

    assert bool(family.world.org.row(family.own)[BOX])
    assert not family.world.waits(family.ada)


def test_a_further_record_that_was_converted() -> None:
    """Who it has become is told."""
    family = Family()
    heir = family.world.org.convert(family.further)
    family.refuse()

    family.world.settle(4)

    assert family.world.org.row(heir)[BOX]


def test_an_answer_that_got_lost() -> None:
    """The next look finds that the record knows, and is done."""
    family = Family()
    family.refuse()
    family.world.salesforce.lose_answers()

    lost = family.world.push()
    told = family.told
    family.push()

    assert (lost.status, told) == (RunStatus.FAILED, (False, True))
    assert family.told == (True, True)
    assert not family.world.waits(family.ada)


def test_a_rehearsal_tells_nobody() -> None:
    """It counts both records."""
    family = Family()
    family.refuse()

    report = family.world.push(everything_waiting=True, dry_run=True)

    assert report.counts == {"Lead": {"would_update": 1}, "Contact": {"would_update": 1}}
    assert family.told == (False, False)


@pytest.mark.parametrize("how", ["made", "met"])
def test_somebody_who_gets_a_record_of_their_own_again(how: str) -> None:
    """It is created with the refusal, or met; and the further record learns of it."""
    family = Family()
    world = family.world
    request = CreationRequest(requested_at=world.now, create_as=CreateAs.CONTACT)
    ada = replace(world.contact(family.ada), counterpart=None, creation=request)
    world.contacts.save_many([ada])
    world.edit(family.ada, opted_out=True)
    if how == "made":
        world.org.delete(family.own)
        world.org.purge(family.own)
        world.sweep()
    else:
        world.org.edit(family.own, {BOX: True})
    world.wait()
    world.queue.send([CreationJob(contact_id=family.ada, requested_at=world.now)])

    world.create()
    family.push()

    linked = world.contact(family.ada).counterpart
    assert linked
    assert (linked.record_id == family.own) is (how == "met")
    assert world.org.row(linked.record_id)[BOX]
    assert world.org.row(family.further)[BOX]
