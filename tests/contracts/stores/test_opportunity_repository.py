"""What every repository of opportunities has to do."""

from dataclasses import replace
from decimal import Decimal

from counterpart.domain.opportunities import ContactRole, Opportunity
from counterpart.ports import OpportunityRepository
from tests.contracts.stores.samples import ACCOUNT_ID, CONTACT_ID, MINUTE, NOON

DEAL_ID = "006AB00000abcDEIAY"
ROLE_ID = "00KAB00000abcDEIAY"
DEAL = Opportunity(
    id=DEAL_ID,
    modified_at=NOON,
    modstamp=NOON + MINUTE,
    name="Ädä's deal 🦋",
    stage="Proposal/Price Quote",
    account_id=ACCOUNT_ID,
    amount=Decimal("12000.50"),
    currency="EUR",
    close_date="2026-12-31",
    closed=True,
    won=True,
    fields={"next_step": "Call", "quantity": 2.5, "seats": 3, "regions": ("north", "south")},
)
ROLE = ContactRole(
    id=ROLE_ID,
    opportunity_id=DEAL_ID,
    contact_record_id=CONTACT_ID,
    modstamp=NOON,
    role="Decision Maker",
    primary=True,
)


def test_an_opportunity_comes_back_whole(opportunities: OpportunityRepository) -> None:
    """Its amount as well, to the last zero."""
    opportunities.save_many([DEAL])

    assert opportunities.get_many([DEAL_ID, "006000000000009AAA"]) == {DEAL_ID: DEAL}
    assert str(opportunities.get_many([DEAL_ID])[DEAL_ID].amount) == "12000.50"


def test_a_bare_opportunity_comes_back_bare(opportunities: OpportunityRepository) -> None:
    """What was not there does not appear, and nobody's has no Account to be found by."""
    bare = Opportunity(id=DEAL_ID, modified_at=NOON, modstamp=NOON)

    opportunities.save_many([bare])

    assert opportunities.get_many([DEAL_ID]) == {DEAL_ID: bare}
    assert opportunities.of_accounts([ACCOUNT_ID]) == []


def test_an_amount_of_nothing_is_an_amount(opportunities: OpportunityRepository) -> None:
    """Zero is not unknown."""
    opportunities.save_many([replace(DEAL, amount=Decimal(0))])

    assert opportunities.get_many([DEAL_ID])[DEAL_ID].amount == Decimal(0)


def test_a_role_comes_back_whole(opportunities: OpportunityRepository) -> None:
    """A blank one, too."""
    bare = ContactRole(
        id="00KAB00000abcDFIAY",
        opportunity_id=DEAL_ID,
        contact_record_id=CONTACT_ID,
        modstamp=NOON,
    )

    opportunities.save_roles([ROLE, bare])

    assert opportunities.get_roles([ROLE_ID, bare.id]) == {ROLE_ID: ROLE, bare.id: bare}


def test_they_are_found_by_account_and_contact(opportunities: OpportunityRepository) -> None:
    """Those that are gone as well; who asks looks at that."""
    second = replace(DEAL, id="006AB00000abcDFIAY", deleted=True)
    other = replace(DEAL, id="006AB00000abcDGIAY", account_id="001000000000009AAA")
    elsewhere = replace(ROLE, id="00KAB00000abcDGIAY", contact_record_id="003000000000009AAA")
    opportunities.save_many([other, second, DEAL])
    opportunities.save_roles([elsewhere, ROLE])

    assert opportunities.of_accounts([ACCOUNT_ID]) == [DEAL, second]
    assert opportunities.of_accounts([]) == []
    assert opportunities.roles_of([CONTACT_ID]) == [ROLE]
    assert opportunities.roles_of([CONTACT_ID, "003000000000009AAA"]) == [ROLE, elsewhere]


def test_who_moves_is_found_at_the_new_place(opportunities: OpportunityRepository) -> None:
    """An opportunity can leave its Account, and a role its Contact."""
    opportunities.save_many([DEAL])
    opportunities.save_roles([ROLE])
    moved = replace(DEAL, account_id=None, modstamp=DEAL.modstamp + MINUTE)
    handed_over = replace(ROLE, contact_record_id="003000000000009AAA", modstamp=NOON + MINUTE)

    opportunities.save_many([moved])
    opportunities.save_roles([handed_over])

    assert opportunities.of_accounts([ACCOUNT_ID]) == []
    assert opportunities.roles_of([CONTACT_ID]) == []
    assert opportunities.roles_of(["003000000000009AAA"]) == [handed_over]


def test_an_older_version_changes_nothing(opportunities: OpportunityRepository) -> None:
    """Whoever comes late with an older page loses; the same version may be mended."""
    opportunities.save_many([DEAL])
    opportunities.save_roles([ROLE])

    opportunities.save_many([replace(DEAL, stage="Prospecting", modstamp=NOON)])
    opportunities.save_roles([replace(ROLE, deleted=True, modstamp=NOON - MINUTE)])
    late = (opportunities.get_many([DEAL_ID])[DEAL_ID], opportunities.get_roles([ROLE_ID])[ROLE_ID])
    opportunities.save_many([replace(DEAL, stage="Closed Won")])

    assert late == (DEAL, ROLE)
    assert opportunities.get_many([DEAL_ID])[DEAL_ID].stage == "Closed Won"


def test_both_are_gone_through_page_by_page(opportunities: OpportunityRepository) -> None:
    """Each comes once, as what it is, those that are gone as well."""
    deals = [replace(DEAL, id=f"006AB00000abc{letter}EIAY") for letter in "ABC"]
    roles = [replace(ROLE, id=f"00KAB00000abc{letter}EIAY", deleted=True) for letter in "ABC"]
    opportunities.save_many(deals)
    opportunities.save_roles(roles)

    seen: list[Opportunity | ContactRole] = []
    after = None
    while True:
        listing = opportunities.page(limit=2, after=after)
        seen += listing.items
        after = listing.next
        if after is None:
            break

    assert sorted(seen, key=lambda one: one.id) == [*deals, *roles]
