"""Laws at rest about opportunities: they come in, one way, and add up."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from counterpart.domain.contact_merge_plans import records_of
from counterpart.domain.opportunities import (
    OPPORTUNITY,
    ROLE,
    RollUp,
    opportunity_of,
    role_of,
)
from counterpart.domain.records import PlainRecord, SObject
from counterpart.use_cases.read_opportunities import (
    opportunities_of_company,
    opportunities_of_contact,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from counterpart.adapters.salesforce.rows import Row
    from counterpart.domain.contacts import Contact
    from counterpart.domain.opportunities import ContactRole, Opportunity
    from tests.convergence.chronicle import Chronicle
    from tests.convergence.world import World

# Deals are one way: what people entered is what stands there. Whose they are, merges change.
_MOVES = frozenset({"AccountId", "ContactId"})


def opportunities_come_in(world: World, _: Chronicle, __: dict[str, Row]) -> Iterator[str]:
    """What is stored of an opportunity, or of a role, is what Salesforce holds."""
    if not world.settings.current().opportunities.enabled:
        return
    for row in filter(lambda row: _is_read(world, row), world.hands.deals()):
        seen, stored = _seen(row), _stored(world, row["Id"])
        if row["IsDeleted"]:
            if stored is not None and not stored.deleted:
                yield f"{row['Id']} was deleted, and is stored as {stored}"
        elif seen is not None and stored != seen:
            yield f"{row['Id']} is {seen}, and is stored as {stored}"


def nothing_erased_stays(world: World, _: Chronicle, __: dict[str, Row]) -> Iterator[str]:
    """What was erased for good counts as gone, though no query tells of it."""
    if not world.settings.current().opportunities.enabled:
        return
    there = {row["Id"] for row in world.hands.deals()}
    for one in world.opportunities.page(limit=10_000).items:
        if not one.deleted and one.id not in there:
            yield f"{one.id} was erased, and is stored as {one}"


def opportunities_add_up(world: World, _: Chronicle, __: dict[str, Row]) -> Iterator[str]:
    """The roll-up of everybody is what a recount of Salesforce's own rows comes to."""
    settings = world.settings.current().opportunities
    if not settings.enabled or settings.enabled_at is not None:
        # What stood still while they were switched off stays outside.
        return
    rows = [row for row in world.hands.deals() if not row["IsDeleted"]]
    deals = {row["Id"]: row for row in rows if row["Id"].startswith("006")}
    roles = [row for row in rows if row.get("OpportunityId") in deals]
    today, limit = world.clock().date(), 5
    for contact in world.all_contacts():
        told = opportunities_of_contact(
            contact.id,
            limit=limit,
            today=today,
            contacts=world.contacts,
            links=world.links,
            opportunities=world.opportunities,
        )
        people = _contacts_of(contact)
        mine = {row["OpportunityId"] for row in roles if row["ContactId"] in people}
        yield from _compare(contact.id, told.roll_up, [deals[each] for each in sorted(mine)])
    for company in world.all_companies():
        told = opportunities_of_company(
            company.id,
            limit=limit,
            today=today,
            companies=world.companies,
            links=world.links,
            opportunities=world.opportunities,
        )
        account = company.counterpart.record_id if company.counterpart else None
        theirs = [row for row in deals.values() if account and row["AccountId"] == account]
        yield from _compare(company.id, told.roll_up, theirs)


def opportunities_stay_there(
    world: World, chronicle: Chronicle, _: dict[str, Row]
) -> Iterator[str]:
    """Nothing goes out: an opportunity, and a role, holds what people entered."""
    rows = {row["Id"]: row for row in world.hands.deals()}
    for (record_id, path), value in chronicle.deals.items():
        row = rows.get(record_id)
        if row is not None and path not in _MOVES and row[path] != value:
            yield f"{record_id} holds {path} {row[path]!r}, and people entered {value!r}"


def _is_read(world: World, row: Row) -> bool:
    since = world.settings.current().opportunities.enabled_at
    return since is None or row["SystemModstamp"] >= since


def _seen(row: Row) -> Opportunity | ContactRole | None:
    is_deal = row["Id"].startswith("006")
    record = PlainRecord(
        id=row["Id"],
        object=OPPORTUNITY if is_deal else ROLE,
        modified_at=row["LastModifiedDate"],
        modstamp=row["SystemModstamp"],
        values=row,
        deleted=bool(row["IsDeleted"]),
    )
    return opportunity_of(record, ()) if is_deal else role_of(record)


def _stored(world: World, record_id: str) -> Opportunity | ContactRole | None:
    found = world.opportunities.get_many([record_id])
    return found.get(record_id) or world.opportunities.get_roles([record_id]).get(record_id)


def _contacts_of(contact: Contact) -> set[str]:
    return {one.record_id for one in records_of(contact) if one.object is SObject.CONTACT}


def _compare(subject_id: str, told: RollUp, rows: Iterable[Row]) -> Iterator[str]:
    rows = list(rows)
    still_open = [row for row in rows if not row["IsClosed"]]
    won = [row for row in rows if row["IsWon"]]
    counted = (len(rows), len(still_open), len(won), _sum(still_open), _sum(won))
    rolled = (
        *(told.count, told.open_count, told.won_count),
        *(told.open_amounts.get(None), told.won_amounts.get(None)),
    )
    if counted != rolled:
        yield f"the opportunities of {subject_id} come to {rolled}, and are {counted}"


def _sum(rows: Iterable[Row]) -> Decimal | None:
    amounts = [Decimal(str(row["Amount"])) for row in rows if row["Amount"] is not None]
    return sum(amounts, Decimal()) if amounts else None


DEALS = (opportunities_come_in, opportunities_stay_there)
# Once the nightly sweep has looked for what no pull is told of.
SWEPT_DEALS = (nothing_erased_stays, opportunities_add_up)
