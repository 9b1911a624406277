"""A business Account that is turned into a person account, after its company came in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from counterpart.domain.creation_requests import CreateAs
from counterpart.domain.creation_settings import Creation
from counterpart.domain.mapping import Mode
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.standard_fields import COMPANY_FIELDS
from counterpart.domain.sync_settings import SyncSettings
from tests.use_cases.test_companies import change
from tests.use_cases.world import World


def turned() -> tuple[World, str, str]:
    """Return a world in which that has just happened, the Account and its company."""
    fields = tuple(replace(field, mode=Mode.TWO_WAY) for field in COMPANY_FIELDS)
    world = World(SyncSettings(company_fields=fields))
    world.org.allow_person_accounts()
    account = world.account("Ada", Website="https://ada.example")
    contact = world.person("ada@ada.example", AccountId=account)
    world.wait()
    world.pull()
    world.wait()
    company_id = world.of(contact).company_id
    assert company_id
    for each in (account, contact):
        world.org.edit(each, {"IsPersonAccount": True})
    return world, account, company_id


@pytest.mark.parametrize("way", ["schedule", "id"])
def test_the_company_lets_it_go(way: str) -> None:
    """It stays here, and the person has none; that is told, and costs one call more."""
    world, account, company_id = turned()
    world.wait()

    if way == "schedule":
        calls = world.salesforce.usage().calls
        world.pull()
        assert world.salesforce.usage().calls == calls + 2
    else:
        world.pull(ids=(account,))

    (company,) = world.all_companies()
    assert (company.id, company.counterpart) == (company_id, None)
    told = [each for each in world.outcomes() if each.action is Action.UNLINKED]
    assert [(each.reason, each.subject_id) for each in told] == [
        (Reason.PERSON_ACCOUNT, company_id)
    ]
    world.pull()
    assert world.the_contact().company_id is None
    world.wait()
    world.written.clear()
    world.pull()
    assert not {"contacts.save", "companies.save", "links.claim"} & set(world.written)


def test_a_push_leaves_the_person_alone() -> None:
    """Although no pull has seen it yet."""
    world, account, company_id = turned()

    change(world, company_id, name="Ours")
    world.wait(20)
    world.push()

    assert world.org.row(account)["Name"] == "Ada"
    (company,) = world.all_companies()
    assert company.counterpart is None


def test_nobody_is_put_on_it() -> None:
    """A new colleague of its domain gets another Account, or none."""
    world, account, _ = turned()
    world.wait()
    world.pull()
    world.change(creation=Creation(create_as=CreateAs.CONTACT))
    bob = world.add("bob@ada.example", sync=True, last_name="Byron")

    world.create()

    assert world.row_of(bob)["AccountId"] != account
