"""Contacts and companies: what follows from a record besides its fields."""

from dataclasses import replace

import pytest

from counterpart.domain.ids import derived_id
from counterpart.domain.inbound_settings import Inbound, OnRemoteDelete
from counterpart.domain.links import Link, LinkState
from counterpart.domain.mapping import EMAIL
from counterpart.domain.outcomes import Reason
from counterpart.domain.page_plan import Change, Known, PagePlan
from counterpart.domain.pulling import plan_page
from counterpart.domain.records import Record, SObject
from counterpart.domain.subjects import (
    Organisations,
    People,
    id_for,
    linked,
    marked,
    unlinked,
)
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.waiting import Lane, Waiting
from tests.domain.samples import (
    HOUR,
    MINUTE,
    NOON,
    a_company,
    a_contact,
    a_counterpart,
    a_ledger,
    a_record,
    record_id,
)

ACCOUNT_ID = record_id(1, SObject.ACCOUNT)
ACCOUNT_LINK = Link(
    record_id=ACCOUNT_ID, object=SObject.ACCOUNT, state=LinkState.LINKED, subject_id="acme"
)
HOSTS = {"https://www.acme.example": "acme.example", "shop.acme.example": "acme.example"}
KIND = Organisations(registrable=HOSTS.get)


def an_account(number: int = 1, website: str | None = "https://www.acme.example") -> Record:
    """Return an Account."""
    return a_record(number, SObject.ACCOUNT, values={"name": "Acme", "website": website})


def plan_accounts(
    *records: Record,
    known: Known | None = None,  # type: ignore[type-arg] # of companies
    settings: SyncSettings | None = None,
) -> PagePlan:  # type: ignore[type-arg] # of companies
    """Return what these Accounts do."""
    return plan_page(
        records,
        (),
        kind=KIND,
        known=known or Known(links={}, subjects={}, matches={}),
        settings=settings or SyncSettings(),
        now=NOON,
        asked_at=NOON,
    )


# --- People --------------------------------------------------------------------------------------


@pytest.mark.failure("F60")
def test_a_contact_of_an_account_that_we_know() -> None:
    """Its company follows its Account."""
    people = People(links={ACCOUNT_ID: ACCOUNT_LINK})
    record = a_record(1, SObject.CONTACT, account_id=ACCOUNT_ID)

    after = people.settled(a_contact(), record)

    assert (after.account_id, after.company_id) == (ACCOUNT_ID, "acme")
    assert people.settled(after, record) is after


def test_a_contact_of_an_account_that_we_do_not_know() -> None:
    """The Account is remembered; a company that it does not have any more is not."""
    record = a_record(1, SObject.CONTACT, account_id=ACCOUNT_ID)

    after = People(links={}).settled(a_contact(company_id="former"), record)

    assert (after.account_id, after.company_id) == (ACCOUNT_ID, None)


def test_a_contact_that_left_its_account() -> None:
    """It leaves the company, too."""
    before = a_contact(account_id=ACCOUNT_ID, company_id="acme")

    after = People(links={}).settled(before, a_record(1, SObject.CONTACT))

    assert (after.account_id, after.company_id) == (None, None)


@pytest.mark.parametrize(
    ("email", "obstacle"),
    [
        ("ada@example.com", None),
        (None, Reason.NO_EMAIL),
        ("ada at example", Reason.INVALID_EMAIL),
    ],
)
def test_who_may_come_in(email: str | None, obstacle: Reason | None) -> None:
    """Whoever can be reached."""
    assert People(links={}).obstacle(a_record(values={EMAIL: email})) == obstacle


# --- Organisations -------------------------------------------------------------------------------


def test_an_account_that_nobody_knows() -> None:
    """It becomes a company, whose domain is that of its website."""
    plan = plan_accounts(an_account())

    (company,) = plan.saves.values()
    assert company.id == id_for(an_account()) == derived_id("record", ACCOUNT_ID)
    assert company.domain == "acme.example"


def test_an_account_of_a_domain_that_we_have() -> None:
    """It is the Account of that company, if that has none yet."""
    ours = a_company("acme", domain="acme.example")
    known = Known(links={}, subjects={}, matches={"acme.example": [ours]})

    plan = plan_accounts(an_account(), an_account(2, "shop.acme.example"), known=known)

    assert plan.verdicts == {
        ACCOUNT_ID: Change.LINKED,
        record_id(2, SObject.ACCOUNT): Change.CREATED,
    }
    assert plan.saves["acme"].counterpart is not None


@pytest.mark.parametrize("website", [None, "n/a"])
def test_an_account_without_a_website(website: str | None) -> None:
    """It comes in, and is matched with nobody."""
    plan = plan_accounts(an_account(website=website))

    (company,) = plan.saves.values()
    assert company.domain is None


def test_an_account_whose_website_changed() -> None:
    """Its company is found by the new domain."""
    ours = a_company(
        ledger=a_ledger(name="Acme", website="n/a", at=NOON - HOUR),
        domain=None,
        counterpart=a_counterpart(1, SObject.ACCOUNT),
    )
    known = Known(links={ACCOUNT_ID: ACCOUNT_LINK}, subjects={"acme": ours}, matches={})

    plan = plan_accounts(an_account(), known=known)

    assert plan.saves["acme"].domain == "acme.example"


@pytest.mark.parametrize("policy", [OnRemoteDelete.UNLINK, OnRemoteDelete.DELETE])
@pytest.mark.failure("F54")
def test_a_deleted_account(policy: OnRemoteDelete) -> None:
    """Its company stays, whatever the settings say of people: some belong to it."""
    ours = a_company(counterpart=a_counterpart(1, SObject.ACCOUNT))
    known = Known(links={ACCOUNT_ID: ACCOUNT_LINK}, subjects={"acme": ours}, matches={})

    plan = plan_accounts(
        replace(an_account(), deleted=True),
        known=known,
        settings=SyncSettings(inbound=Inbound(on_remote_delete=policy)),
    )

    assert plan.deletions == {}
    assert plan.saves["acme"].counterpart is None


# --- Links and marks -----------------------------------------------------------------------------


def test_unlinking_and_linking_again() -> None:
    """What was linked is remembered while it is not, and nothing waits meanwhile."""
    waiting = Waiting(lane=Lane.FRESH, next_push_at=NOON)
    contact = a_contact(counterpart=a_counterpart(), waiting=waiting)

    apart = unlinked(contact)

    assert (apart.counterpart, apart.former, apart.waiting) == (None, a_counterpart(), None)
    assert unlinked(apart) == apart
    assert linked(apart, a_counterpart()) == replace(contact, waiting=None)


def test_a_mark_that_is_there_already() -> None:
    """It keeps its place in the queue."""
    first = Waiting(lane=Lane.RETRY, next_push_at=NOON + HOUR, attempts=3)

    contact = marked(a_contact(waiting=first), Waiting(lane=Lane.FRESH, next_push_at=NOON + MINUTE))

    assert contact.waiting == first
