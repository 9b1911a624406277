"""Which Account a new Contact gets: the whole table, and every way to write a domain."""

from __future__ import annotations

from dataclasses import replace

import pytest

from counterpart.domain.account_choice import company_id_for
from counterpart.domain.contacts import Company, Ledger
from counterpart.domain.creation_requests import CreateAs
from counterpart.domain.outcomes import Reason
from counterpart.domain.records import SObject
from counterpart.use_cases.companies import change_company
from tests.use_cases.creating import World, person, settings, told
from tests.use_cases.world import NOON, SECOND, PowerCutError
from tests.use_cases.world import World as StoryWorld

CONTACT = CreateAs.CONTACT


def test_a_lead_has_no_account() -> None:
    """Whatever the settings say of Accounts: its company is a text."""
    world = World(
        person("ada"), rules=settings(match_accounts_by_domain=True, create_accounts=True)
    )
    world.org.add(SObject.ACCOUNT, {"Name": "Acme", "Website": "acme.example"})

    world.create("ada")

    assert len(world.live(SObject.LEAD)) == 1
    assert len(world.live(SObject.ACCOUNT)) == 1
    assert world.record("ada")["Company"] == "acme.example"


@pytest.mark.parametrize(
    ("match", "make", "exists", "linked_to", "accounts"),
    [
        (True, True, True, "theirs", 1),
        (True, True, False, "new", 1),
        (True, False, True, "theirs", 1),
        (True, False, False, None, 0),
        # Every new Contact makes an Account, even if one exists for its domain.
        (False, True, True, "new", 2),
        (False, True, False, "new", 1),
        (False, False, True, None, 1),
        (False, False, False, None, 0),
    ],
)
def test_a_contact_and_its_account(
    *, match: bool, make: bool, exists: bool, linked_to: str | None, accounts: int
) -> None:
    """Domain match on or off, create Accounts on or off, an Account there or not."""
    rules = settings(create_as=CONTACT, match_accounts_by_domain=match, create_accounts=make)
    world = World(person("ada", company_name="Acme"), rules=rules)
    theirs = (
        world.org.add(SObject.ACCOUNT, {"Name": "Acme", "Website": "https://www.acme.example/"})
        if exists
        else None
    )

    world.create("ada")

    account_id = world.record("ada")["AccountId"]
    assert len(world.live(SObject.ACCOUNT)) == accounts
    if linked_to is None:
        assert account_id is None
    else:
        assert (account_id == theirs) is (linked_to == "theirs")
    if linked_to == "new":
        made = world.org.row(str(account_id))
        assert (made["Name"], made["Website"]) == ("Acme", "acme.example")


def test_settings_that_change_between_request_and_job() -> None:
    """They touch those who ask later: what was wished at the request stands."""
    rules = settings(create_as=CONTACT, create_accounts=True)
    world = World(person("ada"), rules=rules)
    later = replace(settings(create_as=CreateAs.LEAD, match_accounts_by_domain=False), version=1)
    world.settings.save(later, changed_by="somebody", changed_at=world.now)

    world.create("ada")

    assert world.live(SObject.LEAD) == []
    assert world.record("ada")["AccountId"]


@pytest.mark.parametrize("make", [False, True])
def test_matching_that_ends_between_request_and_job(*, make: bool) -> None:
    """Whoever asked before is still put on the Account that is there, and none is made beside."""
    rules = settings(create_as=CONTACT, create_accounts=make)
    world = World(person("ada"), rules=rules)
    theirs = world.org.add(SObject.ACCOUNT, {"Name": "Acme", "Website": "acme.example"})
    later = replace(
        settings(create_as=CONTACT, create_accounts=make, match_accounts_by_domain=False),
        version=1,
    )
    world.settings.save(later, changed_by="somebody", changed_at=world.now)

    world.create("ada")

    assert world.record("ada")["AccountId"] == theirs
    assert len(world.live(SObject.ACCOUNT)) == 1


def test_matching_that_begins_between_request_and_job() -> None:
    """Whoever asked before makes an Account all the same, beside the one that is there."""
    rules = settings(create_as=CONTACT, create_accounts=True, match_accounts_by_domain=False)
    world = World(person("ada"), rules=rules)
    theirs = world.org.add(SObject.ACCOUNT, {"Name": "Acme", "Website": "acme.example"})
    later = replace(settings(create_as=CONTACT, create_accounts=True), version=1)
    world.settings.save(later, changed_by="somebody", changed_at=world.now)

    world.create("ada")

    assert world.record("ada")["AccountId"] not in {None, theirs}
    assert len(world.live(SObject.ACCOUNT)) == 2


def test_each_contact_its_own_account() -> None:
    """With matching off, two people of one domain make two Accounts."""
    rules = settings(create_as=CONTACT, match_accounts_by_domain=False, create_accounts=True)
    world = World(person("ada"), person("bob"), rules=rules)

    world.create("ada", "bob")

    assert len({row["Id"] for row in world.live(SObject.ACCOUNT)}) == 2
    assert world.record("ada")["AccountId"] != world.record("bob")["AccountId"]


def test_a_company_that_was_renamed_before_its_account_was_made() -> None:
    """An earlier try broke off after it had stored the company; its name by now stands."""
    company_id = company_id_for("acme.example")
    name = Ledger(values={"name": "Acme Ltd"}, times={"name": NOON})
    company = Company(
        id=company_id, ledger=name, domain="acme.example", created_at=NOON, updated_at=NOON
    )
    world = World(person("ada"), rules=settings(create_as=CONTACT, create_accounts=True))
    world.companies.save_many([company])

    world.create("ada")

    assert [row["Name"] for row in world.live(SObject.ACCOUNT)] == ["Acme Ltd"]
    made = world.companies.get_many([company_id])[company_id]
    assert (made.ledger.values, made.ledger.times) == (name.values, name.times)


def test_an_account_that_is_renamed_as_soon_as_it_is_made() -> None:
    """By automation, within the same second; nobody here has entered its name, so theirs stands."""
    world = StoryWorld(settings(create_as=CONTACT, create_accounts=True))
    world.now += SECOND / 2
    world.add("ada@acme.example", sync=True)
    world.create()
    (account,) = world.org.rows(SObject.ACCOUNT)
    world.org.edit(account["Id"], {"Name": "ACME"})

    world.settle(2)

    (company,) = world.all_companies()
    assert company.ledger.values["name"] == world.org.row(account["Id"])["Name"] == "ACME"


def test_a_company_whose_account_was_there_before() -> None:
    """A try that did not see it broke off, with the company stored; what it is called stands."""
    world = StoryWorld(settings(create_as=CONTACT, create_accounts=True))
    world.add("ada@acme.example", sync=True)
    world.rival = _cut_the_power
    with pytest.raises(PowerCutError):
        world.create()
    world.rival = None
    (company,) = world.all_companies()
    assert company.ledger.values["name"] == "acme.example"
    world.wait(-60)
    world.account("Acme Ltd", Website="acme.example")
    world.wait(60)

    world.pull()

    (company,) = world.all_companies()
    assert company.ledger.values["name"] == "Acme Ltd"


def _cut_the_power(write: str) -> None:
    if write == "salesforce.create":
        raise PowerCutError


def test_a_company_that_is_renamed_here_as_soon_as_its_account_is_made() -> None:
    """By Salesforce's clock, which is ahead, the Account is later; but it is of our own making."""
    world = StoryWorld(settings(create_as=CONTACT, create_accounts=True))
    world.add("ada@acme.example", sync=True)
    world.now += 45 * SECOND
    world.create()
    world.now -= 40 * SECOND
    (company,) = world.all_companies()
    change_company(
        company.id,
        fields={"name": "Acme Ltd"},
        version=None,
        now=world.now,
        companies=world.companies,
        domains=world.pages.domains,
        settings=world.settings,
    )
    world.now += 40 * SECOND

    world.settle(2)

    (company,) = world.all_companies()
    assert company.ledger.values["name"] == "Acme Ltd"


@pytest.mark.parametrize(
    ("email", "website", "found"),
    [
        ("ada@acme.example", "acme.example", True),
        ("ada@acme.example", "HTTPS://WWW.ACME.EXAMPLE:8443/about?x=1#top", True),
        ("ada@acme.example", "http://acme.example.", True),
        ("ada@acme.example", "  acme.example  ", True),
        ("ada@ACME.Example", "acme.example", True),
        ("ada@mail.acme.example", "www.acme.example", True),
        ("ada@acme.example", "shop.acme.example", True),
        ("ada@acme.co.uk", "acme.co.uk", True),
        ("ada@acme.co.uk", "other.co.uk", False),
        ("ada@acme.example", "notacme.example", False),
        ("ada@acme.example", "acme.example.evil.test", False),
        ("ada@acme.example", "https://evil.test/acme.example", False),
        ("ada@acme.example", "we have none, see acme.example", False),
        ("ada@bücher.example", "https://xn--bcher-kva.example", True),
        ("ada@xn--bcher-kva.example", "xn--bcher-kva.example", True),
        ("ada@xn--bcher-kva.example", "http://Bücher.example/", True),
    ],
)
def test_every_way_to_write_a_website(email: str, website: str, *, found: bool) -> None:
    """One host, however it is written; a look-alike is another host."""
    world = World(person("ada", email=email), rules=settings(create_as=CONTACT))
    account_id = world.org.add(SObject.ACCOUNT, {"Name": "Acme", "Website": website})

    world.create("ada")

    assert (world.record("ada")["AccountId"] == account_id) is found


@pytest.mark.parametrize("website", [None, "", "n/a", "-", "http://", "10.0.0.1", "localhost"])
def test_websites_that_name_nobody(website: str | None) -> None:
    """Such Accounts are passed over, and a new one is made."""
    world = World(person("ada"), rules=settings(create_as=CONTACT, create_accounts=True))
    world.org.add(SObject.ACCOUNT, {"Name": "Nonsense", "Website": website})

    world.create("ada")

    assert len(world.live(SObject.ACCOUNT)) == 2


def test_several_accounts_of_one_domain() -> None:
    """The very host comes first, and what else there was is told."""
    world = World(person("ada", email="ada@eu.acme.example"), rules=settings(create_as=CONTACT))
    bare = world.org.add(SObject.ACCOUNT, {"Name": "Acme", "Website": "acme.example"})
    exact = world.org.add(SObject.ACCOUNT, {"Name": "Acme EU", "Website": "eu.acme.example"})
    other = world.org.add(SObject.ACCOUNT, {"Name": "Acme US", "Website": "us.acme.example"})

    report = world.create("ada")

    assert world.record("ada")["AccountId"] == exact
    warning = next(one for one in told(report, "ada") if one.reason is Reason.AMBIGUOUS_ACCOUNT)
    assert warning.message == f"took {exact}; also {bare}, {other}"


@pytest.mark.parametrize("email", ["ada@gmail.com", "ada@comcast.net", "ada@mailinator.com"])
def test_free_mail_neither_matches_nor_makes(email: str) -> None:
    """Free mail, an access provider, a disposable address: nobody's employer."""
    world = World(
        person("ada", email=email), rules=settings(create_as=CONTACT, create_accounts=True)
    )
    domain = email.partition("@")[2]
    world.org.add(SObject.ACCOUNT, {"Name": "Provider", "Website": f"https://{domain}"})

    world.create("ada")

    assert world.record("ada")["AccountId"] is None
    assert len(world.live(SObject.ACCOUNT)) == 1


def test_settings_know_better_than_the_lists() -> None:
    """One more provider, and an employer whose domain is on a list."""
    rules = settings(
        create_as=CONTACT,
        create_accounts=True,
        free_mail_domains=("post.example",),
        work_domains=("comcast.net",),
    )
    ada, bob = person("ada", email="ada@post.example"), person("bob", email="bob@comcast.net")
    world = World(ada, bob, rules=rules)

    world.create("ada", "bob")

    assert world.record("ada")["AccountId"] is None
    assert [row["Website"] for row in world.live(SObject.ACCOUNT)] == ["comcast.net"]
