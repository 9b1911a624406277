"""What happens to a new record that Salesforce holds for a duplicate."""

from __future__ import annotations

import pytest

from counterpart.domain.contacts import CreateAs, Link, LinkState
from counterpart.domain.outcomes import Reason
from counterpart.domain.records import SObject
from counterpart.domain.refusals import Refusal
from counterpart.domain.sync_settings import OnDuplicate
from counterpart.ports import LinkClaim
from tests.use_cases.creating import World, person, settings, told


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
    world = World(person("ada"), rules=settings(on_duplicate=policy))
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
