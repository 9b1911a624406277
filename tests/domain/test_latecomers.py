"""Who waits for an Account, and which companies a pull looks after."""

from dataclasses import replace
from datetime import timedelta

import pytest

from counterpart.domain.contacts import Contact
from counterpart.domain.latecomers import LATELY, companies_of, joined, linked_lately
from counterpart.domain.links import Counterpart, LinkedBy
from counterpart.domain.records import SObject
from tests.contracts.stores.samples import (
    ACCOUNT_ID,
    CONTACT_ID,
    NOON,
    a_company,
    a_contact,
    a_counterpart,
    a_link,
    due,
)

OTHER_ID = "001AB00000other0AA"
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("contact", "awaits"),
    [
        (a_contact("ada", account_id=ACCOUNT_ID), ACCOUNT_ID),
        (a_contact("ada"), None),
        (a_contact("ada", account_id=ACCOUNT_ID, company_id="acme"), None),
        (
            a_contact(
                "ada",
                account_id=ACCOUNT_ID,
                counterpart=a_counterpart(CONTACT_ID, sobject=SObject.CONTACT),
            ),
            ACCOUNT_ID,
        ),
        (
            a_contact(
                "ada",
                account_id=ACCOUNT_ID,
                counterpart=replace(
                    a_counterpart(CONTACT_ID, sobject=SObject.CONTACT), person_account=True
                ),
            ),
            None,
        ),
    ],
)
def test_who_waits(contact: Contact, awaits: str | None) -> None:
    """Whose Account is known and whose company is not, unless the Account is the person."""
    assert contact.awaits == awaits


def test_joining_changes_nothing_else() -> None:
    """Values, times, marks and the time of the last change stay as they are."""
    contact = a_contact(
        "ada", email="ada@acme.example", account_id=ACCOUNT_ID, waiting=due(NOON), version=3
    )

    assert joined(contact, {ACCOUNT_ID: "acme"}) == replace(contact, company_id="acme")
    assert joined(contact, {OTHER_ID: "other"}) is None
    assert joined(replace(contact, company_id="beta"), {ACCOUNT_ID: "acme"}) is None


def test_a_company_is_waited_for_until_a_sweep_has_been_there() -> None:
    """It is looked after for a day; what has no Account, or lost it, is not."""

    def linked(account_id: str, ago: timedelta) -> Counterpart:
        return Counterpart(
            record_id=account_id,
            object=SObject.ACCOUNT,
            linked_at=NOON - ago,
            linked_by=LinkedBy.RECORD,
        )

    new = a_company("acme", counterpart=linked(ACCOUNT_ID, LATELY - SECOND))
    old = a_company("other", counterpart=linked(OTHER_ID, LATELY))
    lost = a_company("lost", former=linked("001AB00000former0AA", SECOND))

    assert linked_lately([new, old, lost, a_company("alone")], now=NOON) == {ACCOUNT_ID: "acme"}


def test_links_tell_the_companies_of_accounts() -> None:
    """Those that lead nowhere do not."""
    links = [a_link(ACCOUNT_ID, subject_id="acme"), a_link(OTHER_ID, subject_id=None)]

    assert companies_of(links) == {ACCOUNT_ID: "acme"}
