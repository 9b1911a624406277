"""Opportunities out of an org with rules of its own: cascades, merges, and one currency."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from counterpart.adapters.memory import InMemoryOpportunityRepository, InMemoryStreamRepository
from counterpart.domain.opportunities import (
    OPPORTUNITY,
    ROLE,
    OpportunityField,
    OpportunitySettings,
)
from counterpart.domain.records import SObject
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.values import FieldType
from counterpart.use_cases.apply_page import Tally
from counterpart.use_cases.opportunity_streams import OpportunitySource, wanted_opportunities
from counterpart.use_cases.pulled_streams import PulledStreams
from counterpart.use_cases.turning import turn_pages
from tests.contracts.salesforce.orgs import SimulatedOrg

NEXT_STEP = OpportunityField(name="next_step", type=FieldType.STRING, path="NextStep")
SETTINGS = SyncSettings(opportunities=OpportunitySettings(enabled=True, fields=(NEXT_STEP,)))


class Puller:
    """An org, and what came in from it."""

    def __init__(self) -> None:
        self.org = SimulatedOrg()
        self.found = InMemoryOpportunityRepository()
        self.tally = Tally()
        self._streams = InMemoryStreamRepository()

    def now(self) -> datetime:
        """Return the time."""
        return self.org.now().astimezone(UTC)

    def pull(self) -> OpportunitySource:
        """Read what changed."""
        self.org.advance(60)
        self.tally = Tally()
        source = OpportunitySource(
            SETTINGS,
            plain=self.org.plain,
            repository=self.found,
            clock=self.now,
            tally=self.tally,
            dry_run=False,
        )
        streams = PulledStreams(self._streams, clock=self.now, run_id="run")
        wanted, _ = wanted_opportunities(SETTINGS)
        turn_pages(
            streams.open(wanted),
            source=source,
            saved_by=streams,
            clock=self.now,
            may_go_on=lambda *_: True,
        )
        return source

    def make(self, sobject: str, **values: Any) -> str:  # noqa: ANN401 - any field
        """Create a row of any object."""
        return str(self.org.person("POST", f"sobjects/{sobject}", values)["id"])

    def deal(self, **values: Any) -> str:  # noqa: ANN401 - any field
        """Create an opportunity."""
        usual = {"Name": "Engine", "StageName": "Prospecting", "CloseDate": "2026-12-31"}
        return self.make(OPPORTUNITY, **{**usual, **values})

    def role(self, deal_id: str, contact_id: str) -> str:
        """Give somebody a part in it."""
        return self.make(ROLE, OpportunityId=deal_id, ContactId=contact_id, IsPrimary=True)


@pytest.fixture
def puller() -> Puller:
    """Return an empty org with somebody who pulls."""
    return Puller()


def test_an_opportunity_of_a_real_org(puller: Puller) -> None:
    """Its currency does not exist there, and its amount comes as it is written."""
    account = puller.org.add(SObject.ACCOUNT, Name="Acme")
    contact = puller.org.add(SObject.CONTACT, LastName="Lovelace", AccountId=account)
    deal = puller.deal(AccountId=account, Amount=1234.5, NextStep="Call")
    puller.role(deal, contact)

    puller.pull()

    (stored,) = puller.found.of_accounts([account])
    assert (stored.id, stored.name, stored.stage) == (deal, "Engine", "Prospecting")
    assert (str(stored.amount), stored.currency) == ("1234.5", None)
    assert (stored.close_date, stored.closed, stored.won) == ("2026-12-31", False, False)
    assert stored.fields == {"next_step": "Call"}
    (role,) = puller.found.roles_of([contact])
    assert (role.opportunity_id, role.primary) == (deal, True)
    assert puller.tally.outcomes == []


def test_an_idle_poll_of_opportunities(puller: Puller) -> None:
    """One call for both objects, and nothing to write."""
    puller.deal()
    puller.pull()
    puller.org.advance(300)
    before = puller.org.plain.usage().calls

    puller.pull()

    assert puller.org.plain.usage().calls - before == 1
    assert puller.tally.changes[OPPORTUNITY] == Counter({"read": 1})


def test_won_deleted_and_back_again(puller: Puller) -> None:
    """Each of it comes in with the next poll; the deletion takes the role along."""
    contact = puller.org.add(SObject.CONTACT, LastName="Lovelace")
    deal = puller.deal(Amount=10)
    role = puller.role(deal, contact)
    puller.pull()

    puller.org.person("PATCH", f"sobjects/{OPPORTUNITY}/{deal}", {"StageName": "Closed Won"})
    puller.pull()
    won = puller.found.get_many([deal])[deal]
    puller.org.person("DELETE", f"sobjects/{OPPORTUNITY}/{deal}")
    puller.pull()
    deleted = puller.found.get_many([deal])[deal].deleted
    puller.org.undelete(deal)
    puller.pull()

    assert (won.closed, won.won) == (True, True)
    assert deleted
    assert not puller.found.get_many([deal])[deal].deleted
    assert not puller.found.get_roles([role])[role].deleted


def test_a_role_that_is_taken_away(puller: Puller) -> None:
    """It is told like any deletion."""
    contact = puller.org.add(SObject.CONTACT, LastName="Lovelace")
    role = puller.role(puller.deal(), contact)
    puller.pull()

    puller.org.person("DELETE", f"sobjects/{ROLE}/{role}")
    puller.pull()

    assert puller.found.get_roles([role])[role].deleted


def test_what_belongs_to_the_winner_of_a_merge(puller: Puller) -> None:
    """Roles and opportunities have moved there, stamped or not."""
    accounts = [puller.org.add(SObject.ACCOUNT, Name=name) for name in ("Acme", "ACME Ltd")]
    people = [puller.org.add(SObject.CONTACT, LastName="Lovelace") for _ in accounts]
    deal = puller.deal(AccountId=accounts[1])
    puller.role(deal, people[1])
    puller.pull()
    puller.org.merge(people[0], people[1])
    puller.org.merge(accounts[0], accounts[1])

    source = puller.pull()
    source.follow([people[0], accounts[0]])

    assert [role.opportunity_id for role in puller.found.roles_of([people[0]])] == [deal]
    assert [one.id for one in puller.found.of_accounts([accounts[0]])] == [deal]
    assert puller.found.of_accounts([accounts[1]]) == []


def test_a_backlog_of_opportunities(puller: Puller) -> None:
    """A window that was read is read no further back than its overlap."""
    puller.deal(Name="Old")
    puller.pull()
    puller.org.advance(timedelta(hours=2).total_seconds())
    puller.pull()
    puller.deal(Name="New")

    puller.pull()

    assert puller.tally.changes[OPPORTUNITY]["read"] == 1
