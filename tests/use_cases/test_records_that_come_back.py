"""Records that were in Salesforce's recycle bin when their contacts were merged here, or since."""

from contextlib import suppress
from dataclasses import replace

import pytest

from counterpart.domain.inbound_settings import OnRemoteDelete
from counterpart.domain.links import LinkState
from counterpart.domain.mapping import Mode
from counterpart.domain.records import SObject
from counterpart.domain.sync_settings import SyncSettings
from tests.use_cases.world import PowerCutError, World, with_mode

TWO_WAY = SyncSettings(fields=with_mode(Mode.TWO_WAY, "job_title", "city", "first_name", "phone"))


class Pair:
    """Two contacts, each with a record, of which one is merged into the other.

    Args:
        sobject: What the loser's record is.
    """

    def __init__(self, sobject: SObject = SObject.CONTACT) -> None:
        self.world = World(TWO_WAY)
        make = self.world.lead if sobject is SObject.LEAD else self.world.person
        self.own = self.world.person("ada@example.com", Title="VP")
        self.other = make("bob@example.com", FirstName="Bob", Title="Analyst")
        self.world.settle(1)
        self.survivor = self.world.of(self.own).id
        self.loser = self.world.of(self.other).id

    def delete(self, record_id: str) -> None:
        """Delete a record in Salesforce, and let that be read."""
        self.world.org.delete(record_id)
        self.world.settle(1)

    def undelete(self, record_id: str, **values: object) -> None:
        """Take a record out of the recycle bin, edit it, and let that be read."""
        self.world.org.undelete(record_id)
        if values:
            self.world.org.edit(record_id, values)
        self.world.settle(2)

    def switch_off(self, sobject: SObject) -> None:
        """Let no pull read the living records of an object any more."""
        inbound = self.world.settings.current().inbound
        objects = dict(inbound.objects)
        objects[sobject] = replace(objects[sobject], enabled=False)
        self.world.change(inbound=replace(inbound, objects=objects))

    def merge(self) -> None:
        """Merge the one into the other."""
        self.world.merge(self.survivor, self.loser)
        self.world.settle(1)

    def undo(self) -> tuple[str, ...]:
        """Undo that, let both come to rest, and return what was left."""
        undone = self.world.undo(self.loser)
        self.world.settle(2)
        return undone.kept

    def take_over(self) -> None:
        """Let the loser's record take the place of the survivor's, which is deleted."""
        self.merge()
        self.delete(self.own)
        self.world.org.touch(self.other)
        self.world.settle(1)
        assert self.state(self.other) == (LinkState.LINKED, self.survivor)

    def state(self, record_id: str) -> tuple[LinkState, str | None]:
        """Return what a record means to us."""
        link = self.world.links.get_many([record_id])[record_id]
        return link.state, link.subject_id

    def held(self, contact_id: str) -> tuple[str | None, list[str]]:
        """Return the counterpart of a contact, and its further records."""
        contact = self.world.contact(contact_id)
        return contact.record_id, [one.record_id for one in contact.secondaries]

    def value(self, record_id: str, path: str) -> object:
        """Return what Salesforce holds."""
        row = self.world.org.find(record_id)
        assert row is not None
        return row[path]

    def is_as_before(self) -> bool:
        """Return whether each of the two has its own record, and nothing else."""
        return [
            (self.state(record_id), self.held(contact_id))
            for record_id, contact_id in [(self.own, self.survivor), (self.other, self.loser)]
        ] == [
            ((LinkState.LINKED, contact_id), (record_id, []))
            for record_id, contact_id in [(self.own, self.survivor), (self.other, self.loser)]
        ]


# --- The loser's record was deleted --------------------------------------------------------------


@pytest.mark.failure("F54")
def test_the_losers_record_comes_back() -> None:
    """It is a further record of the survivor; what was known of it is no news, and the rest is."""
    pair = Pair()
    pair.delete(pair.other)
    pair.merge()

    pair.undelete(pair.other, Phone="7")

    assert pair.world.the_contact().id == pair.survivor
    assert pair.held(pair.survivor) == (pair.own, [pair.other])
    assert pair.state(pair.other) == (LinkState.SECONDARY, pair.survivor)
    assert pair.world.the_contact().ledger.values["job_title"] == "VP"
    assert pair.value(pair.own, "Phone") == "7"
    assert pair.value(pair.other, "Title") == "Analyst"


def test_the_losers_record_comes_back_with_a_refusal() -> None:
    """It counts, and goes out to the survivor's own record."""
    pair = Pair()
    pair.delete(pair.other)
    pair.merge()

    pair.undelete(pair.other, HasOptedOutOfEmail=True)

    assert pair.world.the_contact().opted_out
    assert pair.value(pair.own, "HasOptedOutOfEmail") is True


def test_the_losers_record_learns_of_a_refusal_once_it_is_back() -> None:
    """Until then nobody has to wait for it."""
    pair = Pair()
    pair.delete(pair.other)
    pair.merge()
    pair.world.edit(pair.survivor, opted_out=True)
    pair.world.settle(2)
    assert not pair.world.waits(pair.survivor)

    pair.undelete(pair.other)

    assert pair.value(pair.other, "HasOptedOutOfEmail") is True


def test_whoever_refused_may_be_deleted_while_a_record_is_gone() -> None:
    """There is nothing to be told to it; and it brings nobody back."""
    pair = Pair()
    pair.delete(pair.other)
    pair.merge()
    pair.world.edit(pair.survivor, opted_out=True)
    pair.world.settle(2)

    pair.world.delete(pair.survivor)
    pair.undelete(pair.other)

    assert pair.world.everybody() == []
    assert pair.state(pair.other) == (LinkState.DELETED_HERE, pair.survivor)


def test_undoing_before_the_losers_record_comes_back() -> None:
    """It is awaited by the loser again."""
    pair = Pair()
    pair.delete(pair.other)
    pair.merge()

    kept = pair.undo()

    assert kept == ()
    former = pair.world.contact(pair.loser).former
    assert former is not None
    assert (former.record_id, former.came_from) == (pair.other, None)
    assert pair.held(pair.loser) == (None, [])
    assert pair.held(pair.survivor) == (pair.own, [])
    pair.undelete(pair.other)
    assert pair.is_as_before()


def test_undoing_after_the_losers_record_came_back() -> None:
    """It is the loser's again, with what it has brought since."""
    pair = Pair()
    pair.delete(pair.other)
    pair.merge()
    pair.undelete(pair.other, Phone="7")

    pair.undo()

    assert pair.is_as_before()
    back = pair.world.contact(pair.loser)
    assert back.former is None
    assert back.ledger.values["phone"] == "7"
    assert back.ledger.values["first_name"] == "Bob"


def test_the_losers_record_comes_back_converted() -> None:
    """What it became before anybody saw it back is a further record as well."""
    pair = Pair(SObject.LEAD)
    pair.delete(pair.other)
    pair.merge()

    pair.world.org.undelete(pair.other)
    heir = pair.world.org.convert(pair.other)
    pair.world.settle(2)

    assert pair.world.the_contact().id == pair.survivor
    assert pair.held(pair.survivor) == (pair.own, [heir])
    assert pair.state(heir) == (LinkState.SECONDARY, pair.survivor)
    assert pair.state(pair.other) == (LinkState.CONVERTED, pair.survivor)
    pair.undo()
    assert pair.held(pair.loser) == (heir, [])


def test_the_losers_record_comes_back_and_is_merged_into_the_survivors() -> None:
    """Both are one in Salesforce, too."""
    pair = Pair()
    pair.delete(pair.other)
    pair.merge()

    pair.world.org.undelete(pair.other)
    pair.world.org.merge(pair.own, pair.other)
    pair.world.settle(2)

    assert pair.world.the_contact().id == pair.survivor
    assert pair.held(pair.survivor) == (pair.own, [])
    assert pair.state(pair.other)[0] is LinkState.MERGED


@pytest.mark.parametrize("undone", ["before", "after"])
def test_a_further_record_of_the_loser_comes_back(undone: str) -> None:
    """It goes along with all that the loser had, through both merges and their undoing."""
    pair = Pair()
    third = pair.world.person("carl@example.com")
    pair.world.settle(1)
    carl = pair.world.of(third).id
    pair.world.merge(pair.loser, carl)
    pair.delete(third)
    pair.merge()

    if undone == "after":
        pair.undelete(third)
        assert pair.state(third) == (LinkState.SECONDARY, pair.survivor)

    pair.undo()

    (further,) = pair.world.contact(pair.loser).secondaries
    assert further.gone is (undone == "before")
    pair.undelete(third)
    assert pair.state(third) == (LinkState.SECONDARY, pair.loser)
    assert pair.held(pair.loser) == (pair.other, [third])
    pair.world.undo(carl)
    pair.world.settle(2)
    assert pair.state(third) == (LinkState.LINKED, carl)
    assert pair.is_as_before()


def test_the_losers_record_comes_back_unseen() -> None:
    """No pull reads what is not selected; the nightly sweep finds it, and takes no value."""
    pair = Pair()
    pair.delete(pair.other)
    pair.merge()
    pair.switch_off(SObject.CONTACT)
    pair.undelete(pair.other, Phone="7")
    assert pair.state(pair.other)[0] is LinkState.DELETED_THERE

    planned = pair.world.sweep(dry_run=True)
    report = pair.world.sweep()

    assert planned.summary == "Looked for 1 linked record. Would mend 1 link."
    assert report.summary == "Looked for 1 linked record. Mended 1 link."
    assert pair.state(pair.other) == (LinkState.SECONDARY, pair.survivor)
    assert pair.held(pair.survivor) == (pair.own, [pair.other])
    assert "phone" not in pair.world.the_contact().ledger.values
    assert pair.world.sweep().summary == "Looked for 2 linked records. Mended 0 links."


@pytest.mark.parametrize("deleted_here", [False, True])
@pytest.mark.parametrize("whose", ["the loser's", "the survivor's"])
def test_a_deletion_whose_end_was_lost(whose: str, *, deleted_here: bool) -> None:
    """A crash left its link as it was; the record is known again all the same."""
    pair = Pair()
    gone, held = (pair.other, pair.own) if whose == "the loser's" else (pair.own, pair.other)
    contact_id = pair.world.of(gone).id
    pair.world.org.delete(gone)
    pair.world.wait()
    pair.world.cut_the_power_after(4)
    with pytest.raises(PowerCutError):
        pair.world.pull()
    pair.world.start_again()
    assert pair.world.contact(contact_id).counterpart is None
    assert pair.state(gone) == (LinkState.LINKED, contact_id)
    pair.world.org.undelete(gone)
    pair.world.merge(pair.survivor, pair.loser)
    if deleted_here:
        pair.world.delete(pair.survivor)
    pair.world.settle(2)

    if deleted_here:
        assert pair.world.everybody() == []
    else:
        assert pair.world.the_contact().id == pair.survivor
        assert pair.held(pair.survivor) == (held, [gone])


@pytest.mark.parametrize("undone", ["before", "after"])
def test_the_survivor_had_no_record_and_the_losers_comes_back(undone: str) -> None:
    """It is the survivor's counterpart, until the merge is undone."""
    pair = Pair()
    dan = pair.world.add("dan@example.com", job_title="CEO")
    pair.delete(pair.other)
    pair.world.merge(dan, pair.loser)
    if undone == "after":
        pair.undelete(pair.other)
        assert pair.held(dan) == (pair.other, [])

    pair.world.undo(pair.loser)
    pair.undelete(pair.other)

    assert pair.is_as_before()
    assert pair.held(dan) == (None, [])


def test_a_record_comes_back_of_which_nothing_was_seen_here() -> None:
    """Nothing of it is known to be news, but a refusal counts."""
    pair = Pair()
    dan = pair.world.add("dan@example.com", job_title="CEO")
    pair.delete(pair.other)
    pair.world.merge(dan, pair.loser)
    pair.world.merge(dan, pair.survivor)
    pair.world.settle(1)

    pair.undelete(pair.other, Phone="7", HasOptedOutOfEmail=True)

    contact = pair.world.the_contact()
    assert pair.held(dan) == (pair.own, [pair.other])
    assert contact.opted_out
    assert "phone" not in contact.ledger.values
    assert contact.ledger.values["job_title"] == "CEO"


# --- The survivor's own record was deleted -------------------------------------------------------


@pytest.mark.failure("F54")
def test_the_survivors_record_comes_back_after_a_further_one_took_over() -> None:
    """It is a further one from then on."""
    pair = Pair()
    pair.take_over()

    pair.undelete(pair.own, Phone="8")

    assert pair.world.the_contact().id == pair.survivor
    assert pair.held(pair.survivor) == (pair.other, [pair.own])
    assert pair.state(pair.own) == (LinkState.SECONDARY, pair.survivor)
    assert pair.value(pair.other, "Phone") == "8"


def test_both_records_are_deleted_and_come_back_in_turn() -> None:
    """Whichever is back first is the counterpart, and the other one is a further one."""
    pair = Pair()
    pair.take_over()
    pair.delete(pair.other)

    pair.undelete(pair.own)
    assert pair.held(pair.survivor)[0] == pair.own
    pair.undelete(pair.other)

    assert pair.world.the_contact().id == pair.survivor
    assert pair.held(pair.survivor) == (pair.own, [pair.other])
    pair.undo()
    assert pair.is_as_before()


@pytest.mark.parametrize("writes", range(4, 7))
@pytest.mark.parametrize("act", ["takes over", "comes back"])
def test_a_crash_while_a_further_record_takes_over(act: str, writes: int) -> None:
    """Wherever it falls, the next run completes it."""
    pair = Pair()
    pair.merge()
    pair.delete(pair.own)
    if act == "comes back":
        pair.world.org.edit(pair.other, {"Phone": "1"})
        pair.world.settle(1)
        pair.world.org.undelete(pair.own)
    else:
        pair.world.org.edit(pair.other, {"Phone": "1"})
    pair.world.wait()
    pair.world.cut_the_power_after(writes)
    with pytest.raises(PowerCutError):
        pair.world.settle(1)
    pair.world.start_again()

    pair.world.settle(1)
    if act == "takes over":
        pair.undelete(pair.own)
    pair.world.settle(2)

    assert pair.world.the_contact().id == pair.survivor
    assert pair.held(pair.survivor) == (pair.other, [pair.own])
    pair.undo()
    assert pair.is_as_before()


@pytest.mark.parametrize("undone", [False, True])
def test_a_pull_by_hand_breaks_off_while_a_further_record_takes_over(*, undone: bool) -> None:
    """Nobody repeats it, and no pull reads the record again; the nightly sweep completes it."""
    pair = Pair()
    pair.merge()
    for _ in range(2):
        pair.world.wait(20)
        pair.world.settle(1)
    pair.delete(pair.own)
    pair.world.cut_the_power_after(2)
    with pytest.raises(PowerCutError):
        pair.world.pull(ids=(pair.other,))
    pair.world.start_again()
    assert pair.state(pair.other) == (LinkState.LINKED, pair.survivor)
    pair.world.settle(2)
    assert pair.held(pair.survivor) == (None, [pair.other])
    if undone:
        pair.undo()
        pair.undelete(pair.own)
        assert pair.is_as_before()
        return

    pair.world.sweep()

    assert pair.held(pair.survivor) == (pair.other, [pair.own])
    assert pair.state(pair.other) == (LinkState.LINKED, pair.survivor)
    pair.undelete(pair.own)
    pair.undo()
    assert pair.is_as_before()


@pytest.mark.parametrize("writes", range(8))
def test_a_sweep_breaks_off_while_a_further_record_comes_back(writes: int) -> None:
    """The next one completes what it began."""
    pair = Pair()
    pair.delete(pair.other)
    pair.merge()
    pair.switch_off(SObject.CONTACT)
    pair.undelete(pair.other)
    pair.world.cut_the_power_after(writes)
    with suppress(PowerCutError):
        pair.world.sweep()
    pair.world.start_again()

    pair.world.sweep()

    assert pair.state(pair.other) == (LinkState.SECONDARY, pair.survivor)
    assert not pair.world.contact(pair.survivor).secondaries[0].gone


def test_undoing_before_the_survivors_record_comes_back() -> None:
    """The one that took over is the loser's again, and the survivor awaits its own."""
    pair = Pair()
    pair.take_over()

    kept = pair.undo()

    assert kept == ()
    former = pair.world.contact(pair.survivor).former
    assert former is not None
    assert former.record_id == pair.own
    assert pair.held(pair.survivor) == (None, [])
    assert pair.state(pair.other) == (LinkState.LINKED, pair.loser)
    pair.undelete(pair.own)
    assert pair.is_as_before()


def test_undoing_after_the_survivors_record_came_back() -> None:
    """Each has its own again, with what was said of it; nothing of the other's stays there."""
    pair = Pair()
    pair.take_over()
    pair.undelete(pair.own)

    kept = pair.undo()

    assert kept == ()
    assert pair.is_as_before()
    assert pair.value(pair.own, "Title") == "VP"
    assert pair.value(pair.other, "Title") == "Analyst"
    pair.world.edit(pair.survivor, job_title="CEO")
    pair.world.settle(2)
    assert pair.value(pair.own, "Title") == "CEO"
    assert pair.value(pair.other, "Title") == "Analyst"


@pytest.mark.parametrize("undone", ["before", "after"])
def test_the_survivors_record_was_gone_when_the_losers_became_its_own(undone: str) -> None:
    """It is a further one once it is back, and the survivor's own after the merge is undone."""
    pair = Pair()
    pair.delete(pair.own)
    pair.merge()
    if undone == "after":
        pair.undelete(pair.own)
        assert pair.world.the_contact().id == pair.survivor
        assert pair.held(pair.survivor) == (pair.other, [pair.own])
        assert pair.state(pair.own) == (LinkState.SECONDARY, pair.survivor)

    pair.undo()
    pair.undelete(pair.own)

    assert pair.is_as_before()


def test_a_record_that_took_over_is_the_losers_when_it_was_converted() -> None:
    """Also if it has become another one, or was deleted, before the merge is undone."""
    pair = Pair(SObject.LEAD)
    pair.take_over()
    heir = pair.world.org.convert(pair.other)
    pair.world.settle(1)
    pair.delete(heir)

    pair.undo()
    pair.undelete(heir)
    pair.undelete(pair.own)

    assert pair.held(pair.loser) == (heir, [])
    assert pair.held(pair.survivor) == (pair.own, [])


def test_a_former_record_that_became_somebody_elses() -> None:
    """Nobody keeps it in mind once it is another contact's."""
    pair = Pair()
    pair.merge()
    lead = pair.world.lead("eve@example.com")
    pair.world.settle(1)
    eve = pair.world.of(lead).id
    pair.delete(pair.own)
    pair.world.org.undelete(pair.own)
    pair.world.org.convert(lead, contact_id=pair.own)
    pair.world.pull(objects=("Lead",))
    assert pair.state(pair.own) == (LinkState.LINKED, eve)

    pair.world.org.edit(pair.other, {"Phone": "1"})
    pair.world.settle(2)

    assert pair.held(pair.survivor) == (pair.other, [])
    assert pair.held(eve) == (pair.own, [])


def test_both_records_are_deleted_and_take_the_contact_along() -> None:
    """If that is what a deletion does; one that is gone keeps nobody here."""
    pair = Pair()
    inbound = pair.world.settings.current().inbound
    pair.world.change(inbound=replace(inbound, on_remote_delete=OnRemoteDelete.DELETE))
    pair.take_over()

    pair.delete(pair.other)

    assert pair.world.everybody() == []


@pytest.mark.parametrize("fate", ["purged", "deleted unseen"])
def test_a_further_record_that_went_without_a_word(fate: str) -> None:
    """The sweep finds that as it does of a counterpart."""
    pair = Pair()
    pair.merge()
    if fate == "purged":
        pair.world.org.purge(pair.other)
    else:
        pair.world.org.delete(pair.other)

    report = pair.world.sweep()

    assert report.summary == "Looked for 2 linked records. Mended 1 link."
    assert pair.held(pair.survivor) == (pair.own, [pair.other])
    assert pair.world.contact(pair.survivor).secondaries[0].gone
    assert pair.state(pair.other)[0] is LinkState.DELETED_THERE
    assert pair.world.sweep().summary == "Looked for 1 linked record. Mended 0 links."


def test_a_lead_was_converted_to_a_further_record_that_is_gone_and_hidden() -> None:
    """It is still that of whoever was merged, should it come back, so nobody else gets it."""
    pair = Pair()
    pair.merge()
    world = pair.world
    lead_id = world.lead("cy@example.com")
    world.settle(1)
    cy = world.of(lead_id).id
    # Of leads nothing is read meanwhile.
    world.org.hidden_objects.add(SObject.LEAD)
    world.org.convert(lead_id, contact_id=pair.other)
    pair.delete(pair.other)
    world.org.hidden_objects = {SObject.CONTACT}
    world.wait(60)

    world.settle(2)

    link = world.links.get_many([pair.other])[pair.other]
    assert (link.state, link.subject_id) == (LinkState.DELETED_THERE, pair.survivor)
    assert world.contact(cy).counterpart is None
