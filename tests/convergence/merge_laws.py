"""Laws at rest about contacts that were merged here, and the further records that they have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.adapters.memory_records import is_gone
from counterpart.domain.contact_merge_plans import MergeState
from counterpart.domain.links import LinkState
from counterpart.domain.mapping import EMAIL, OPTED_OUT
from counterpart.domain.records import SObject, object_of
from counterpart.domain.values import normalise, same
from tests.convergence.couples import REFUSED
from tests.convergence.fields import CONTACT_FIELDS
from tests.convergence.hands import NEAT
from tests.convergence.structure import in_sight, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from counterpart.adapters.salesforce.rows import Row
    from counterpart.domain.links import Secondary
    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.values import Value
    from tests.convergence.chronicle import Chronicle
    from tests.convergence.world import World

_ALL = 10_000
_AWAY = {LinkState.MERGED, LinkState.CONVERTED}


def who_was_merged_away_is_gone(world: World, _: Chronicle, __: dict[str, Row]) -> Iterator[str]:
    """Whoever was merged into another is no contact, until that is undone."""
    contacts = {contact.id for contact in world.all_contacts()}
    for merge in world.merges.page(limit=_ALL).items:
        if merge.state is MergeState.DONE and merge.id in contacts:
            yield f"{merge.id} was merged into {merge.survivor.id} and is there all the same"


def further_records_agree(
    world: World, chronicle: Chronicle, rows: dict[str, Row]
) -> Iterator[str]:
    """The links table and the contacts tell the same of further records."""
    links = {link.record_id: link for link in world.all_links()}
    further = {
        one.record_id: (contact.id, one)
        for contact in world.all_contacts()
        for one in contact.secondaries
    }
    owned = {record_id: contact_id for record_id, (contact_id, _) in further.items()}
    held = {one.counterpart.record_id for one in world.all_contacts() if one.counterpart}
    for record_id, contact_id in owned.items():
        link, row = links.get(record_id), rows.get(record_id)
        if record_id in held:
            yield f"{record_id} is a further record of {contact_id}, and somebody's counterpart"
        if row is not None and not visible(world, row):
            continue
        # One that was deleted is kept in mind, should it come back; one that was the counterpart
        # when a sweep broke off, the next one comes back to.
        known = link and link.state in {LinkState.SECONDARY, LinkState.DELETED_THERE}
        gone = further[record_id][1].gone
        half = gone and chronicle.broken_off
        known = known or (link and link.state is LinkState.LINKED and half)
        # A pull may have ended the link of a former one in the moment of a merge here, which took
        # it for one that may come back; it never does, so it is as harmless as forgotten.
        known = known or (link and link.state in _AWAY and gone)
        if link is None or not known or link.subject_id != contact_id:
            yield f"{record_id} is a further record of {contact_id}, and its link says {link}"
    for link in links.values():
        row = rows.get(link.record_id)
        if link.state is LinkState.SECONDARY and row is not None and visible(world, row):
            whose = f"{link.record_id} is a further record of {link.subject_id}"
            if owned.get(link.record_id) != link.subject_id:
                yield f"{whose}, who does not know it"
            # What was ignored while it was a counterpart stays ignored.
            if is_gone(row) and not chronicle.ignored_deletions:
                yield f"{whose}, and is gone"


def further_records_are_seen(
    world: World, chronicle: Chronicle, rows: dict[str, Row]
) -> Iterator[str]:
    """What was last seen in a further record is what it holds."""
    for contact in world.all_contacts():
        for one in contact.secondaries:
            row = rows.get(one.record_id)
            if in_sight(row, world):
                yield from _judge_sight(world, chronicle, one, row)


def _judge_sight(world: World, chronicle: Chronicle, one: Secondary, row: Row) -> Iterator[str]:
    sobject = object_of(row["Id"]) or SObject.LEAD
    for field in world.settings.current().fields_of(sobject):
        path = field.paths[sobject]
        changed = chronicle.modes.get(field.name)
        if "." in path or f"{sobject}.{path}" in chronicle.hidden or changed:
            continue
        theirs = normalise(field.type, row[path])
        if field.name == EMAIL and theirs is None:
            continue
        seen = one.shadows.get(field.name)
        if not same(field.type, seen, theirs):
            yield f"further record {row['Id']}: {field.name} {seen!r} was seen, not {theirs!r}"


def further_records_know_of_refusals(
    world: World, _: Chronicle, rows: dict[str, Row]
) -> Iterator[str]:
    """Whoever refused to be mailed has refused in a further record, too, or it is told why not."""
    settings = world.settings.current()
    for contact in world.all_contacts():
        own = contact.counterpart
        if not contact.ledger.values.get(OPTED_OUT) or own is None:
            continue
        for one in contact.secondaries:
            row = rows.get(one.record_id)
            boxes = [field for field in settings.fields_of(one.object) if field.name == OPTED_OUT]
            off = not all(settings.outbound.writes(each.object) for each in (own, one))
            if off or not in_sight(row, world):
                continue
            for field in boxes:
                if not (row[field.paths[one.object]] or _was_refused(world, one.record_id)):
                    yield f"further record {one.record_id} of {contact.id} knows of no refusal"


def _was_refused(world: World, record_id: str) -> bool:
    return any(
        outcome.record_id == record_id and (outcome.action, outcome.reason) in REFUSED
        for outcome in world.all_outcomes()
    )


def values_stay_in_the_family(
    world: World, chronicle: Chronicle, _: dict[str, Row]
) -> Iterator[str]:
    """What a contact holds that was merged was entered in one of those contacts, or records."""
    chronicle.note_owners(world.all_links())
    owners = chronicle.owners
    for contact in world.all_contacts():
        family = chronicle.family(contact.id)
        if len(family) == 1:
            continue
        records = chronicle.with_ancestors({one for each in family for one in owners[each]})
        # What was in the bin may have been theirs before it went, and somebody else's since.
        records |= chronicle.gone
        # As they are mapped before anybody changes that.
        for field in CONTACT_FIELDS:
            if any("." in path for path in field.paths.values()):
                # It is the name of the Account.
                continue
            value = contact.ledger.values.get(field.name)
            entered = _entered(world, chronicle, field, family, records)
            if field.name == OPTED_OUT:
                # Who is one person with somebody there has refused with them.
                kin = chronicle.kin(contact.id)
                entered = _entered(world, chronicle, field, family | kin, records | kin)
            if value and not any(same(field.type, value, one) for one in entered):
                yield f"{contact.id} holds {field.name} {value!r}, which none of {family} ever had"


def _entered(
    world: World,
    chronicle: Chronicle,
    field: FieldMapping,
    family: set[str],
    records: set[str],
) -> Iterator[Value]:
    for contact_id in family:
        yield from (edit.value for edit in chronicle.ours[contact_id, field.name])
    for record_id in records:
        yield from (edit.value for edit in chronicle.theirs[record_id, field.name])
        sobject = object_of(record_id) or SObject.LEAD
        path = field.paths.get(sobject, "")
        # Those that we made hold what stands for a name that is missing.
        yield from (write.values.get(path) for write in world.salesforce.updates[record_id])
    yield NEAT


MERGES = (
    who_was_merged_away_is_gone,
    further_records_agree,
    further_records_are_seen,
    further_records_know_of_refusals,
    values_stay_in_the_family,
)
