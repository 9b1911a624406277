"""Person accounts: people who are their own Account come in as people, and do no harm."""

import pytest

from counterpart.domain.creation_requests import CreateAs
from counterpart.domain.creation_settings import Creation
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.refusals import Refusal
from tests.use_cases.world import World


def b2c() -> World:
    """Return a world whose org has person accounts."""
    world = World()
    world.org.allow_person_accounts()
    return world


def test_a_person_account_comes_in() -> None:
    """The Contact behind it becomes a contact that says so; the Account is no company."""
    world = b2c()
    account_id, contact_id = world.org.add_person_account(
        {"LastName": "Lovelace", "Email": "ada@example.com"}
    )
    acme = world.account()
    bob = world.person("bob@acme.example", AccountId=acme)

    world.pull()

    ada = world.of(contact_id)
    assert ada.counterpart
    assert ada.counterpart.person_account
    assert (ada.account_id, ada.company_id) == (account_id, None)
    assert "company_name" not in ada.ledger.values
    company = world.of(bob)
    assert company.counterpart
    assert not company.counterpart.person_account
    assert [each.id for each in world.all_companies()] == [company.company_id]


def test_the_account_of_a_person_asked_for_by_id() -> None:
    """It is left outside, and the reason is told."""
    world = b2c()
    account_id, _ = world.org.add_person_account({"LastName": "Lovelace"})

    report = world.pull(ids=(account_id,))

    assert world.all_companies() == []
    assert report.skipped == {Reason.PERSON_ACCOUNT: 1}


def test_a_contact_whose_account_becomes_a_person_account() -> None:
    """It is the same contact, which leaves its company."""
    world = b2c()
    acme = world.account()
    contact_id = world.person(AccountId=acme)
    world.pull()
    before = world.of(contact_id)
    world.wait()
    world.org.edit(contact_id, {"IsPersonAccount": True})

    world.pull()

    after = world.of(contact_id)
    assert before.company_id
    assert after.id == before.id
    assert after.company_id is None
    assert after.counterpart
    assert after.counterpart.person_account


def test_an_org_that_gains_person_accounts() -> None:
    """Whoever was pulled before learns what it is when it changes, and nothing is written twice."""
    world = World()
    contact_id = world.person()
    world.pull()
    world.org.allow_person_accounts()
    world.written.clear()
    world.wait()
    world.pull()
    assert world.writes_of("contacts") == 0

    world.org.edit(contact_id, {"IsPersonAccount": True})
    world.pull()
    world.wait()
    world.pull()

    assert world.writes_of("contacts.save") == 1
    counterpart = world.the_contact().counterpart
    assert counterpart
    assert counterpart.person_account


def test_a_lead_that_becomes_a_person_account() -> None:
    """Its contact follows it, and the Account that it is does not become a company."""
    world = b2c()
    lead_id = world.lead(Title="Analyst")
    world.pull()
    contact = world.the_contact()
    world.wait()
    account_id, contact_id = world.org.add_person_account(
        {"LastName": "Lovelace", "Email": "ada@example.com", "Title": "Analyst"}
    )
    world.org.convert(lead_id, account_id=account_id, contact_id=contact_id)

    world.pull()

    after = world.the_contact()
    assert after.id == contact.id
    assert after.counterpart
    assert (after.counterpart.record_id, after.counterpart.person_account) == (contact_id, True)
    assert world.all_companies() == []


@pytest.mark.parametrize("both", [True, False])
def test_person_accounts_that_are_merged(*, both: bool) -> None:
    """The contact follows the Contact behind the winner, unless that is another contact's."""
    world = b2c()
    account_id, ada = world.org.add_person_account({"LastName": "Lovelace", "Email": "a@b.example"})
    # Without an address it does not come in before it has won.
    king_id, king = world.org.add_person_account(
        {"LastName": "King", "Email": "k@b.example" if both else None}
    )
    world.wait()
    world.pull()
    contact_id = world.of(ada).id
    world.org.merge(king_id, account_id)
    world.wait()

    world.pull()

    assert (world.of(king).id == contact_id) == (not both)
    assert len(world.everybody()) == 1 + both
    assert world.reasons()[-1] is (
        Reason.DUPLICATE_AFTER_MERGE if both else Reason.RELINKED_BY_MERGE
    )
    assert world.all_companies() == []


def test_an_edit_of_a_person_account() -> None:
    """It goes out to the Contact behind it."""
    world = b2c()
    _, contact_id = world.org.add_person_account({"LastName": "Lovelace", "Email": "a@example.com"})
    world.pull()
    world.wait()

    world.edit(world.of(contact_id).id, city="Turin")
    world.push()

    assert world.org.row(contact_id)["MailingCity"] == "Turin"


def test_an_edit_that_salesforce_keeps_for_the_account() -> None:
    """It stays here, with Salesforce's own words, and does not come up again and again."""
    world = b2c()
    _, contact_id = world.org.add_person_account({"LastName": "Lovelace", "Email": "a@example.com"})
    world.pull()
    world.wait()
    world.org.refusals[contact_id] = Refusal(
        code="INSUFFICIENT_ACCESS_OR_READONLY", message="insufficient access rights on object id"
    )
    contact_id = world.of(contact_id).id

    world.edit(contact_id, city="Turin")
    world.push()

    assert not world.waits(contact_id)
    assert [(each.action, each.message) for each in world.outcomes()] == [
        (Action.REFUSED, "insufficient access rights on object id")
    ]


def test_a_new_contact_whom_the_org_knows_as_a_person_account() -> None:
    """It is linked to the Contact behind it, and is put on nobody's Account."""
    world = b2c()
    world.change(creation=Creation(create_as=CreateAs.CONTACT, create_accounts=False))
    _, contact_id = world.org.add_person_account(
        {"LastName": "Lovelace", "Email": "ada@acme.example"}
    )
    ada = world.add("ada@acme.example", sync=True)

    world.create()

    assert world.of(contact_id).id == ada
    counterpart = world.contact(ada).counterpart
    assert counterpart
    assert counterpart.person_account
    assert world.contact(ada).company_id is None
    # The name of its Account is the person's own, which is nothing that will come in later.
    assert world.reasons() == [Reason.LINKED_BY_EMAIL]
