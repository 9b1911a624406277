"""Companies: read here, changed here, and their edits go out to Accounts."""

from dataclasses import replace

import pytest

from counterpart.domain.mapping import Mode
from counterpart.domain.outbound_settings import Outbound, OutboundObject
from counterpart.domain.outcomes import Action
from counterpart.domain.records import SObject
from counterpart.domain.standard_fields import COMPANY_FIELDS
from counterpart.domain.sync_settings import SyncSettings
from counterpart.errors import InputError, NotFoundError, StaleVersionError
from counterpart.use_cases.companies import (
    ChangedCompany,
    change_company,
    get_company,
    list_companies,
)
from tests.use_cases.world import MINUTE, World

TWO_WAY = SyncSettings(
    company_fields=tuple(replace(each, mode=Mode.TWO_WAY) for each in COMPANY_FIELDS)
)


def acme(world: World, **values: object) -> tuple[str, str]:
    """Pull an Account; return its id and that of its company."""
    account_id = world.account("Acme", **{"Website": "https://www.acme.example", **values})
    world.wait()
    world.pull()
    world.wait()
    link = world.links.get_many([account_id])[account_id]
    assert link.subject_id
    return account_id, link.subject_id


def change(
    world: World, company_id: str, *, version: int | None = None, **fields: object
) -> ChangedCompany:
    """Change a company as the API does."""
    return change_company(
        company_id,
        fields=fields,
        version=version,
        now=world.now,
        companies=world.companies,
        domains=world.pages.domains,
        settings=world.settings,
    )


@pytest.mark.failure("F59")
def test_an_account_is_renamed() -> None:
    """Its company is, by one write, and its people stay in it; nobody gets a second one."""
    world = World()
    account_id, company_id = acme(world)
    people = [world.person(f"{number}@acme.example", AccountId=account_id) for number in range(3)]
    world.pull()
    for _ in range(2):
        world.wait(60)
        world.pull()
    world.org.edit(account_id, {"Name": "Acme Engines"})
    world.wait()
    world.written.clear()

    world.pull()

    (company,) = world.all_companies()
    assert (company.id, company.ledger.values["name"]) == (company_id, "Acme Engines")
    assert world.writes_of("contacts", "companies", "links") == 1
    assert {world.of(record_id).company_id for record_id in people} == {company_id}


def test_an_edit_goes_to_the_account() -> None:
    """It waits, and is pushed as those of contacts are; a null clears."""
    world = World(TWO_WAY)
    account_id, company_id = acme(world, Phone="1", Industry="Banking")

    changed = change(world, company_id, phone="2", industry=None)
    report = world.push()

    assert changed.company.waiting
    assert report.counts["Account"] == {"updated": 1}
    row = world.org.row(account_id)
    assert (row["Phone"], row["Industry"], row["Name"]) == ("2", None, "Acme")
    assert get_company(company_id, companies=world.companies).waiting is None


def test_many_companies_go_by_a_job() -> None:
    """Whatever goes out does so in the same ways."""
    world = World(replace(TWO_WAY, outbound=Outbound(bulk_above=2)))
    accounts = [world.account(f"Acme {number}") for number in range(4)]
    world.wait()
    world.pull()
    world.wait()
    for company in world.all_companies():
        change(world, company.id, phone="2")

    world.push()

    assert {world.org.row(one)["Phone"] for one in accounts} == {"2"}
    assert world.writes_of("jobs.open") == 1


def test_a_rep_fills_a_blank_while_a_job_is_on_its_way_to_it() -> None:
    """What a pull has brought before the job writes goes back, as for contacts."""
    world = World(SyncSettings(outbound=Outbound(bulk_above=2)))
    accounts = [world.account(f"Acme {number}") for number in range(4)]
    world.wait()
    world.pull()
    world.wait()
    for company in world.all_companies():
        change(world, company.id, phone="2")
    world.salesforce.jobs.work = 5 * MINUTE
    world.push()
    world.wait(1)
    world.org.edit(accounts[0], {"Phone": "3"})
    world.wait(1)
    world.pull()

    world.wait(5)
    world.push()
    world.settle(2)

    assert [world.org.row(one)["Phone"] for one in accounts] == ["3", "2", "2", "2"]
    phones = sorted(str(each.ledger.values["phone"]) for each in world.all_companies())
    assert phones == ["2", "2", "2", "3"]


def test_salesforce_is_preferred_unless_told_otherwise() -> None:
    """A filled field stays as it is there, with a warning; a blank one is filled."""
    world = World()
    account_id, company_id = acme(world, Phone="1")

    changed = change(world, company_id, phone="2", city="Bern")
    world.push()

    assert [notice.code for notice in changed.notices] == ["protected"]
    row = world.org.row(account_id)
    assert (row["Phone"], row["BillingCity"]) == ("1", "Bern")
    assert [each.action for each in world.outcomes()] == [Action.PROTECTED]


def test_another_website() -> None:
    """The company is found under its new domain, and under the old one no longer."""
    world = World(TWO_WAY)
    _, company_id = acme(world)

    changed = change(world, company_id, website="https://shop.acme-labs.example/eu")

    assert changed.company.domain == "acme-labs.example"
    found = {
        domain: [
            each.id
            for each in list_companies(
                domain=domain,
                limit=10,
                after=None,
                companies=world.companies,
                domains=world.pages.domains,
            ).items
        ]
        for domain in ("acme.example", "www.acme-labs.example")
    }
    assert found == {"acme.example": [], "www.acme-labs.example": [company_id]}
    assert change(world, company_id, website=None).company.domain is None


def test_what_changes_nothing() -> None:
    """It makes no write."""
    world = World(TWO_WAY)
    _, company_id = acme(world)
    world.written.clear()

    assert change(world, company_id, name="Acme").company.waiting is None
    assert world.written == []


def test_what_is_wrong_is_said() -> None:
    """An unknown field, a missing name, an old version, nobody of that id."""
    world = World(TWO_WAY)
    _, company_id = acme(world)

    with pytest.raises(InputError, match="unknown field"):
        change(world, company_id, shoe_size="9")
    with pytest.raises(InputError, match="cannot be cleared"):
        change(world, company_id, name=None)
    with pytest.raises(StaleVersionError):
        change(world, company_id, version=7, phone="2")
    with pytest.raises(NotFoundError):
        change(world, "nobody", phone="2")


def test_outbound_is_off_for_accounts() -> None:
    """The edit stays here, with a warning, and nothing waits."""
    objects = {each: OutboundObject(enabled=each is not SObject.ACCOUNT) for each in SObject}
    world = World(replace(TWO_WAY, outbound=Outbound(objects=objects)))
    _, company_id = acme(world)

    changed = change(world, company_id, phone="2")

    assert changed.company.waiting is None
    assert [notice.code for notice in changed.notices] == ["outbound_disabled"]


@pytest.mark.failure("F60")
def test_a_contact_whose_company_is_another_one_here() -> None:
    """A push never writes to which Account a Contact belongs; Salesforce says that alone."""
    world = World(TWO_WAY)
    account_id, company_id = acme(world)
    other_id = world.account("Other")
    record_id = world.person("ada@example.com", AccountId=account_id)
    world.wait()
    world.pull()
    world.wait()
    ada = world.of(record_id)
    assert ada.company_id == company_id
    # Somebody moves it while an edit waits.
    world.edit(ada.id, city="Bern", job_title="VP")
    world.org.edit(record_id, {"AccountId": other_id})

    world.push()
    assert world.org.row(record_id)["AccountId"] == other_id
    world.settle(2)

    assert world.org.row(record_id)["AccountId"] == other_id
    assert world.contact(ada.id).account_id == other_id


@pytest.mark.failure("F51")
def test_what_an_edit_of_a_company_writes_over_is_told_once() -> None:
    """Also where its Account is locked at first."""
    world = World(TWO_WAY)
    account_id, company_id = acme(world)
    world.org.edit(account_id, {"Name": "Acme Inc."})
    world.wait()
    change(world, company_id, name="Acme Ltd.")
    world.org.locked.add(account_id)
    for _ in range(3):
        world.push()
        world.wait(10)
    world.org.locked.clear()

    world.settle(2)

    assert world.org.row(account_id)["Name"] == "Acme Ltd."
    told = [(each.kept, each.lost) for each in world.outcomes() if each.subject_id == company_id]
    assert told == [("ours", "Acme Inc.")]
