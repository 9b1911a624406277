"""What happens to a new record that Salesforce holds for a duplicate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from counterpart.domain.creation_requests import CreateAs
from counterpart.domain.creation_settings import OnDuplicate, OnExistingMatch
from counterpart.domain.links import Link, LinkState
from counterpart.domain.outcomes import Reason
from counterpart.domain.records import SObject
from counterpart.domain.refusals import Refusal
from counterpart.ports import LinkClaim
from counterpart.use_cases.refused_creations import EXISTING
from tests.use_cases.creating import World, person, settings, told
from tests.use_cases.world import MINUTE, PowerCutError
from tests.use_cases.world import World as Whole

if TYPE_CHECKING:
    from collections.abc import Sequence


def taken(world: World, record_id: str, by: str) -> None:
    """Link a record to somebody."""
    link = Link(record_id=record_id, object=SObject.LEAD, state=LinkState.LINKED, subject_id=by)
    world.links.claim_many([LinkClaim(link=link)])


@pytest.mark.failure("F44")
def test_a_duplicate_that_is_one_and_free_is_linked() -> None:
    """By whatever rule the org found it: here it has another address."""
    world = World(person("ada"))
    lead_id = world.org.add(SObject.LEAD, {"LastName": "Ada", "Company": "A", "Email": "a@b.test"})
    world.org.refusals["ada"] = Refusal(
        code="DUPLICATES_DETECTED", message="Use one of these records?", matches=(lead_id,)
    )

    world.create("ada")

    assert world.record("ada")["Id"] == lead_id
    assert world.queue.parked == []


@pytest.mark.failure("F44")
@pytest.mark.parametrize("policy", OnDuplicate)
@pytest.mark.parametrize("rule", ["alert", "block"])
def test_a_duplicate_that_belongs_to_somebody_else(policy: OnDuplicate, rule: str) -> None:
    """It is saved only if the rule warns and the setting allows; else parked, with whose it is."""
    rules = settings(on_duplicate=policy, on_existing_match=OnExistingMatch.CREATE)
    world = World(person("ada"), rules=rules)
    lead_id = world.org.add(
        SObject.LEAD, {"LastName": "Ada", "Company": "A", "Email": "ada@acme.example"}
    )
    taken(world, lead_id, by="bob")
    world.org.duplicate_rule = rule

    report = world.create("ada")

    if policy is OnDuplicate.ALLOW and rule == "alert":
        assert len(world.live(SObject.LEAD)) == 2
        assert world.record("ada")["Id"] != lead_id
        return
    assert len(world.live(SObject.LEAD)) == 1
    ((parked, reason),) = world.queue.parked
    assert parked.contact_id == "ada"
    assert f"{lead_id} is linked to contact bob" in reason
    creation = world.contact("ada").creation
    assert creation
    assert creation.refusal == reason
    (outcome,) = told(report, "ada")
    assert outcome.reason is Reason.DUPLICATES_DETECTED
    assert lead_id in outcome.message


@pytest.mark.parametrize("policy", OnExistingMatch)
@pytest.mark.parametrize("state", [LinkState.LINKED, LinkState.SECONDARY, LinkState.DELETED_HERE])
def test_an_address_that_another_contact_has_there(
    policy: OnExistingMatch, state: LinkState
) -> None:
    """No duplicate is made knowingly, but where the setting says so; what is free is linked."""
    world = World(person("ada"), rules=settings(on_existing_match=policy))
    lead_id = world.org.add(
        SObject.LEAD, {"LastName": "Ada", "Company": "A", "Email": "ADA@acme.example"}
    )
    link = Link(record_id=lead_id, object=SObject.LEAD, state=state, subject_id="bob")
    world.links.claim_many([LinkClaim(link=link)])

    report = world.create("ada")

    if state is LinkState.DELETED_HERE:
        assert world.record("ada")["Id"] == lead_id
    elif policy is OnExistingMatch.CREATE:
        assert len(world.live(SObject.LEAD)) == 2
    else:
        assert len(world.live(SObject.LEAD)) == 1
        ((_, reason),) = world.queue.parked
        assert f"{lead_id} is linked to contact bob" in reason
        creation = world.contact("ada").creation
        assert creation
        assert creation.refusal == reason
        (outcome,) = told(report, "ada")
        assert outcome.reason is Reason.EXISTING_MATCH


def test_what_is_gone_there_is_in_nobodys_way() -> None:
    """A lead that was converted or deleted is no match, whoever's it was."""
    world = World(person("ada"))
    row = {"LastName": "Ada", "Company": "A", "Email": "ada@acme.example"}
    converted, deleted = (world.org.add(SObject.LEAD, row) for _ in range(2))
    taken(world, converted, by="bob")
    taken(world, deleted, by="eve")
    world.org.convert(converted)
    world.org.delete(deleted)
    (contact,) = world.live(SObject.CONTACT)
    world.org.delete(contact["Id"])

    world.create("ada")

    assert world.contact("ada").counterpart


def test_two_of_one_address_in_one_batch() -> None:
    """The first is created; the second waits for that, and is then set aside."""
    same = {"email": "info@acme.example"}
    world = World(person("ada", **same), person("bob", **same), person("eve"))

    first = world.create("ada", "bob", "eve")
    again = world.create("bob")

    assert set(first.failed) == {"bob"}
    assert again.failed == {}
    assert len(world.live(SObject.LEAD)) == 2
    ((parked, reason),) = world.queue.parked
    assert (parked.contact_id, "contact ada" in reason) == ("bob", True)


@pytest.mark.failure("F38")
@pytest.mark.parametrize("moment", ["claims.take", "contacts.save", "links.claim"])
def test_two_of_one_address_in_two_batches_at_once(moment: str) -> None:
    """Wherever the other batch comes between, one record is made; the later one is set aside."""
    same = {"email": "info@acme.example"}
    rivals = ["bob"]
    failed: set[str] = set()

    def before_write(name: str) -> None:
        if name == moment and rivals:
            failed.update(world.create(rivals.pop()).failed)

    world = World(person("ada", **same), person("bob", **same), before_write=before_write)
    first = world.create("ada")
    failed.update(first.failed)

    assert len(world.live(SObject.LEAD)) == 1

    world.create(*failed)

    (lead,) = world.live(SObject.LEAD)
    ((late, reason),) = world.queue.parked
    assert {late.contact_id, str(lead["Counterpart_Id__c"])} == {"ada", "bob"}
    assert failed <= {late.contact_id}
    assert reason.startswith(EXISTING)


def test_two_batches_at_once_where_a_further_record_may_be_made() -> None:
    """Nobody waits for anybody, and nothing is claimed."""
    same = {"email": "info@acme.example"}
    rivals = ["bob"]
    written: list[str] = []

    def before_write(name: str) -> None:
        written.append(name)
        if name == "contacts.save" and rivals:
            world.create(rivals.pop())

    rules = settings(on_existing_match=OnExistingMatch.CREATE)
    people = person("ada", **same), person("bob", **same)
    world = World(*people, rules=rules, before_write=before_write)

    world.create("ada")

    assert len(world.live(SObject.LEAD)) == 2
    assert "claims.take" not in written


def test_who_has_claimed_an_address_dies() -> None:
    """Its own job goes on at once; another contact waits until the claim is nobody's any more."""
    same = {"email": "info@acme.example"}
    power = ["on"]

    def before_write(name: str) -> None:
        if name == "contacts.save" and power:
            power.clear()
            raise PowerCutError

    people = person("ada", **same), person("bob", **same)
    world = World(*people, before_write=before_write)
    with pytest.raises(PowerCutError):
        world.create("ada")

    assert set(world.create("bob").failed) == {"bob"}
    world.now += 16 * MINUTE
    assert world.create("bob").failed == {}
    assert world.contact("bob").counterpart

    power.append("on")
    world = World(*people, before_write=before_write)
    with pytest.raises(PowerCutError):
        world.create("ada")
    assert world.create("ada").failed == {}
    assert world.contact("ada").counterpart


@pytest.mark.parametrize("batches", [(("ada", "bob"),), (("ada",), ("bob",))])
def test_the_first_of_one_address_is_refused(batches: Sequence[Sequence[str]]) -> None:
    """Then nobody is in the way of the second."""
    same = {"email": "info@acme.example"}
    world = World(person("ada", **same), person("bob", **same))
    world.org.refusals["ada"] = Refusal(code="REQUIRED_FIELD_MISSING", message="Region")

    for names in batches:
        world.create(*names)
    world.create("bob")

    assert world.contact("ada").counterpart is None
    assert world.contact("bob").counterpart


def test_a_rehearsal_sets_nobody_aside() -> None:
    """It writes nothing, and counts nobody as created whom it would park."""
    world = World(person("ada"))
    row = {"LastName": "Ada", "Company": "A", "Email": "ada@acme.example"}
    taken(world, world.org.add(SObject.LEAD, row), by="bob")

    report = world.create("ada", dry_run=True)

    assert world.queue.parked == []
    assert report.report.counts.get(SObject.LEAD, {}).get("would_create", 0) == 0


@pytest.mark.failure("F44")
def test_duplicates_that_are_several_are_parked() -> None:
    """Which of them is meant is for a person to say."""
    world = World(person("ada"))
    ids = tuple(
        world.org.add(SObject.LEAD, {"LastName": "Ada", "Company": "A", "Email": f"{n}@b.test"})
        for n in range(2)
    )
    world.org.refusals["ada"] = Refusal(
        code="DUPLICATES_DETECTED", message="Use one of these records?", matches=ids
    )

    world.create("ada")

    assert world.contact("ada").counterpart is None
    assert all(record_id in world.queue.parked[0][1] for record_id in ids)


@pytest.mark.failure("F44")
def test_duplicates_that_are_parked_are_not_tried_again_by_anybody() -> None:
    """Neither by the look for jobs that got lost, however long it goes on."""
    world = Whole()
    world.lead("a@other.example")
    contact_id = world.add(sync=True, last_name="Lovelace")
    world.org.refusals[contact_id] = Refusal(
        code="DUPLICATES_DETECTED", message="Use one of these records?", matches=()
    )
    world.create()
    calls = world.salesforce.usage().calls

    for _ in range(4):
        world.wait(16)
        world.push(scheduled=True)

    assert world.queue.jobs == []
    assert len(world.queue.parked) == 1
    assert world.salesforce.usage().calls == calls


@pytest.mark.parametrize(
    ("policy", "accounts", "linked"),
    [(OnDuplicate.LINK, 1, True), (OnDuplicate.ALLOW, 2, True), (OnDuplicate.PARK, 1, False)],
)
def test_an_account_that_is_held_for_a_duplicate(
    policy: OnDuplicate, accounts: int, *, linked: bool
) -> None:
    """The same policy: its people go to the Account that is there, to a new one, or wait."""
    world = World(
        person("ada", company_name="Acme"),
        rules=settings(create_as=CreateAs.CONTACT, create_accounts=True, on_duplicate=policy),
    )
    world.org.add(SObject.ACCOUNT, {"Name": "Acme"})
    world.org.duplicate_rule = "alert"

    world.create("ada")

    assert len(world.live(SObject.ACCOUNT)) == accounts
    if linked:
        assert world.record("ada")["AccountId"]
    else:
        assert "the Account was refused" in world.queue.parked[0][1]


def test_several_matches_by_address() -> None:
    """A Contact before a Lead, the latest before others; the rest is told."""
    world = World(person("ada"))
    lead = world.org.add(
        SObject.LEAD, {"LastName": "Ada", "Company": "A", "Email": "ADA@acme.example"}
    )
    contact = world.org.add(SObject.CONTACT, {"LastName": "Ada", "Email": "ada@acme.example"})

    report = world.create("ada")

    assert world.record("ada")["Id"] == contact
    warning = next(one for one in told(report, "ada") if one.reason is Reason.AMBIGUOUS_MATCH)
    assert lead in warning.message
