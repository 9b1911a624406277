"""Opportunities come in, and are found with whoever has a part in them, whenever they meet."""

from datetime import timedelta

import pytest

from counterpart.domain.opportunities import (
    OPPORTUNITY,
    ROLE,
    OpportunityField,
    OpportunitySettings,
)
from counterpart.domain.outcomes import Action, Reason, RunStatus
from counterpart.domain.records import SObject
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.values import FieldType
from counterpart.use_cases.read_opportunities import (
    Deals,
    opportunities_of_company,
    opportunities_of_contact,
)
from tests.use_cases.world import World

ON = OpportunitySettings(enabled=True)


def world_with_deals(settings: OpportunitySettings = ON, **options: int) -> World:
    """Return a world in which opportunities come in."""
    return World(SyncSettings(opportunities=settings), **options)  # type: ignore[arg-type] # numbers


def add_deal(world: World, *contact_ids: str, **values: object) -> str:
    """Add an opportunity with roles for these Contacts, and return its id."""
    deal = {"Name": "Engine", "StageName": "Prospecting", "CloseDate": "2026-12-31", **values}
    deal_id = world.org.add(OPPORTUNITY, deal)
    for contact_id in contact_ids:
        add_role(world, deal_id, contact_id)
    return deal_id


def add_role(world: World, deal_id: str, contact_id: str, **values: object) -> str:
    """Give a Contact a part in an opportunity."""
    return world.org.add(
        ROLE, {"OpportunityId": deal_id, "ContactId": contact_id, "Role": "Evaluator", **values}
    )


def deals_of(world: World, contact_id: str) -> Deals:
    """Return a contact's opportunities."""
    return opportunities_of_contact(
        contact_id,
        limit=200,
        today=world.now.date(),
        contacts=world.contacts,
        links=world.links,
        opportunities=world.opportunities,
    )


def ids(deals: Deals) -> list[str]:
    """Return which they are."""
    return [part.opportunity.id for part in deals.parts]


def test_an_opportunity_comes_in_with_its_people_and_its_company() -> None:
    """Name, amount, stage and date; whose part it is, and which company's."""
    world = world_with_deals()
    acme = world.account()
    person = world.person(AccountId=acme)
    deal = add_deal(world, person, AccountId=acme, Amount=1234.5)

    world.pull()

    ada = world.of(person)
    (part,) = deals_of(world, ada.id).parts
    assert (part.opportunity.id, part.opportunity.name) == (deal, "Engine")
    assert str(part.opportunity.amount) == "1234.5"
    assert (part.opportunity.stage, part.opportunity.close_date) == ("Prospecting", "2026-12-31")
    assert part.role
    assert part.role.role == "Evaluator"
    assert part.company_id == ada.company_id
    (company,) = world.all_companies()
    of_acme = opportunities_of_company(
        company.id,
        limit=200,
        today=world.now.date(),
        companies=world.companies,
        links=world.links,
        opportunities=world.opportunities,
    )
    assert ids(of_acme) == [deal]
    assert deals_of(world, ada.id).roll_up.open_count == 1


def test_opportunities_are_off_unless_wanted() -> None:
    """Nothing is read, and a poll costs what it did."""
    world = World()
    add_deal(world, world.person())
    world.pull()
    world.wait(5)

    report = world.pull(scheduled=True)

    assert report.api_calls == 1
    assert world.opportunities.roles_of([world.the_contact().counterpart.record_id]) == []  # type: ignore[union-attr] # linked


def test_an_idle_poll_costs_one_call_more() -> None:
    """Opportunities and roles share it, and the overlap is free of writes."""
    world = world_with_deals()
    add_deal(world, world.person())
    world.pull()
    world.wait(5)
    writes = world.writes_of("opportunities")

    report = world.pull(scheduled=True)

    assert report.api_calls == 2
    assert world.writes_of("opportunities") == writes


def test_the_contact_is_linked_later() -> None:
    """The role waits for nobody: it is found as soon as there is a link."""
    world = world_with_deals()
    person = world.person(None)
    deal = add_deal(world, person)
    world.pull()
    world.wait()
    world.org.edit(person, {"Email": "ada@example.com"})

    world.pull()

    assert ids(deals_of(world, world.of(person).id)) == [deal]


@pytest.mark.failure("F56")
def test_a_lead_becomes_a_contact_with_a_part() -> None:
    """What its Contact has is the contact's from then on; a Lead has none."""
    world = world_with_deals()
    lead = world.lead()
    world.pull()
    ada = world.of(lead).id
    assert deals_of(world, ada).parts == []
    world.wait()
    person = world.org.convert(lead)
    deal = add_deal(world, person)

    world.pull()

    assert ids(deals_of(world, ada)) == [deal]


def test_a_contact_is_merged_in_salesforce() -> None:
    """Roles move to the winner there without being stamped, and are read again."""
    world = world_with_deals()
    winner, loser = world.person(None), world.person()
    deal = add_deal(world, loser)
    world.pull()
    ada = world.of(loser).id
    world.wait(30)
    for row in world.org.rows(ROLE):
        row["ContactId"] = winner
    world.org.merge(winner, loser)
    world.org.edit(winner, {"Email": "ada@example.com"})

    world.pull()

    assert world.of(winner).id == ada
    assert ids(deals_of(world, ada)) == [deal]


def test_a_merge_where_our_user_may_not_read_opportunities() -> None:
    """The merge is followed as ever."""
    world = world_with_deals()
    winner, loser = world.person(None), world.person()
    world.pull()
    ada = world.of(loser).id
    world.org.hidden_objects |= {OPPORTUNITY, ROLE}
    world.wait()
    world.org.merge(winner, loser)
    world.org.edit(winner, {"Email": "ada@example.com"})

    report = world.pull()

    assert world.of(winner).id == ada
    assert any("merged records" in note for note in report.notes)


def test_two_contacts_are_merged_here() -> None:
    """The survivor has the parts of both."""
    world = world_with_deals()
    first, second = world.person("ada@example.com"), world.person("a.lovelace@example.com")
    deals = {add_deal(world, first), add_deal(world, second)}
    world.pull()
    ada = world.of(first).id

    world.merge(ada, world.of(second).id)

    assert set(ids(deals_of(world, ada))) == deals


def test_an_opportunity_is_deleted_and_comes_back() -> None:
    """It counts for nothing while it is in the recycle bin."""
    world = world_with_deals()
    person = world.person()
    deal = add_deal(world, person, Amount=100)
    world.pull()
    ada = world.of(person).id
    world.wait()
    world.org.delete(deal)
    world.pull()
    gone = deals_of(world, ada)
    world.wait()
    world.org.undelete(deal)
    world.pull()

    assert (gone.parts, gone.roll_up.count) == ([], 0)
    assert ids(deals_of(world, ada)) == [deal]


def test_a_role_is_taken_away() -> None:
    """The opportunity stays, for whoever else has a part in it."""
    world = world_with_deals()
    first, second = world.person("ada@example.com"), world.person("bob@example.com")
    deal = add_deal(world, first)
    role = add_role(world, deal, second)
    world.pull()
    world.wait()
    world.org.delete(role)

    world.pull()

    assert ids(deals_of(world, world.of(first).id)) == [deal]
    assert deals_of(world, world.of(second).id).parts == []


def test_two_roles_in_one_opportunity_are_one_part() -> None:
    """The primary one tells."""
    world = world_with_deals()
    person = world.person()
    deal = add_deal(world, person)
    add_role(world, deal, person, Role="Decision Maker", IsPrimary=True)

    world.pull()

    (part,) = deals_of(world, world.of(person).id).parts
    assert part.role
    assert (part.role.role, part.role.primary) == ("Decision Maker", True)


def test_the_opportunities_of_a_person_account() -> None:
    """They are the person's, with a role or without, and each once."""
    world = world_with_deals()
    world.org.allow_person_accounts()
    account, person = world.org.add_person_account({"LastName": "Byron", "Email": "ada@x.example"})
    bare = add_deal(world, AccountId=account, CloseDate="2026-12-01")
    with_role = add_deal(world, person, AccountId=account, CloseDate="2026-12-02")

    world.pull()

    deals = deals_of(world, world.of(person).id)
    assert ids(deals) == [with_role, bare]
    assert [part.role is not None for part in deals.parts] == [True, False]
    assert deals.roll_up.count == 2


def test_switching_on_catches_up_with_nothing() -> None:
    """What was there before stays outside, until somebody asks for it."""
    world = World()
    person = world.person()
    old = add_deal(world, person)
    world.pull()
    world.wait()
    world.change(opportunities=ON)
    world.wait()
    world.pull()
    ada = world.of(person).id
    before = ids(deals_of(world, ada))

    report = world.pull(objects=(OPPORTUNITY,), since=world.now - timedelta(days=1))

    assert before == []
    assert ids(deals_of(world, ada)) == [old]
    assert report.counts[OPPORTUNITY]["created"] == 1


def test_an_old_opportunity_that_changes_brings_its_people() -> None:
    """Their roles are older than the switch, and would not come by themselves."""
    world = World()
    person = world.person()
    deal = add_deal(world, person)
    world.pull()
    world.wait()
    world.change(opportunities=ON)
    world.wait()
    world.org.edit(deal, {"StageName": "Negotiation/Review"})

    world.pull()

    (part,) = deals_of(world, world.of(person).id).parts
    assert part.opportunity.stage == "Negotiation/Review"


def test_a_new_role_brings_its_old_opportunity() -> None:
    """Which is older than the switch."""
    world = World()
    person = world.person()
    deal = add_deal(world)
    world.pull()
    world.wait()
    world.change(opportunities=ON)
    world.wait()
    add_role(world, deal, person)

    world.pull()

    assert ids(deals_of(world, world.of(person).id)) == [deal]


def test_pages_of_opportunities() -> None:
    """All come in, page by page, each once."""
    world = world_with_deals(page_size=2)
    person = world.person()
    for _ in range(5):
        add_deal(world, person)
    world.wait()

    report = world.pull()

    assert len(ids(deals_of(world, world.of(person).id))) == 5
    assert report.counts[OPPORTUNITY]["created"] == 5


def test_further_fields_come_in() -> None:
    """By the settings' mapping."""
    closed = OpportunityField(name="is_over", type=FieldType.BOOLEAN, path="IsClosed")
    world = world_with_deals(OpportunitySettings(enabled=True, fields=(closed,)))
    person = world.person()
    add_deal(world, person, StageName="Closed Won")

    world.pull()

    (part,) = deals_of(world, world.of(person).id).parts
    assert part.opportunity.fields == {"is_over": True}


def test_a_field_is_hidden() -> None:
    """It is left out with one warning; that most orgs know one currency is worth none."""
    world = world_with_deals()
    world.org.hidden.add((OPPORTUNITY, "Amount"))
    person = world.person()
    deal = add_deal(world, person)

    reports = [world.pull() for _ in range(2)]

    assert ids(deals_of(world, world.of(person).id)) == [deal]
    assert [(each.reason, each.field) for report in reports for each in report.outcomes] == [
        (Reason.FIELD_UNAVAILABLE, "Amount")
    ]


@pytest.mark.failure("F25")
def test_a_field_of_a_parent_is_hidden() -> None:
    """It alone is left out, and each warning names its own field."""
    site = OpportunityField(name="site", type=FieldType.URL, path="Account.Website")
    over = OpportunityField(name="is_over", type=FieldType.BOOLEAN, path="isclosed")
    world = world_with_deals(OpportunitySettings(enabled=True, fields=(site, over)))
    acme = world.account(Website="https://acme.example")
    person = world.person(AccountId=acme)
    deal = add_deal(world, person, AccountId=acme, Amount=1)
    world.pull()
    before = deals_of(world, world.of(person).id).parts[0].opportunity

    world.org.hidden |= {(SObject.ACCOUNT, "Website"), (OPPORTUNITY, "Amount")}
    world.org.edit(deal, {"StageName": "Closed Won"})
    world.wait(6)
    report = world.pull(objects=(OPPORTUNITY,))

    after = deals_of(world, world.of(person).id).parts[0].opportunity
    assert before.fields == {"site": "https://acme.example", "is_over": False}
    assert (after.stage, after.fields) == ("Closed Won", {"is_over": True})
    assert {each.field: each.message for each in report.outcomes} == {
        "Amount": "our user sees no Opportunity.Amount; it is left out meanwhile",
        "Account.Website": "our user sees no Opportunity.Account.Website; it is left out meanwhile",
    }
    assert report.status is not RunStatus.COMPLETED_WITH_ERRORS


def test_our_user_may_not_read_opportunities() -> None:
    """People come in as ever, and the run says what is missing."""
    world = world_with_deals()
    world.org.hidden_objects.add(OPPORTUNITY)
    person = world.person()

    report = world.pull()

    assert world.of(person).counterpart
    assert report.status is RunStatus.COMPLETED_WITH_ERRORS
    assert [(each.action, each.reason, each.object) for each in report.outcomes] == [
        (Action.FAILED, Reason.OBJECT_UNAVAILABLE, OPPORTUNITY)
    ]


def test_a_dry_run_of_opportunities() -> None:
    """It counts, and writes nothing."""
    world = world_with_deals()
    add_deal(world, world.person())

    report = world.pull(dry_run=True)

    assert report.counts[OPPORTUNITY]["created"] == 1
    assert world.writes_of("opportunities") == 0


@pytest.mark.parametrize("writes", range(6))
def test_the_power_is_cut_while_opportunities_come_in(writes: int) -> None:
    """Whatever was stored by then, the next run completes it."""
    world = world_with_deals()
    person = world.person()
    deals = {add_deal(world, person), add_deal(world, person)}
    world.pull(objects=("Contact",))
    world.cut_the_power_after(writes)
    with pytest.raises(Exception):  # noqa: B017, PT011 - the process is dead
        world.pull()
    world.start_again()

    world.pull()

    assert set(ids(deals_of(world, world.of(person).id))) == deals
