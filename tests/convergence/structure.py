"""Laws at rest about who is linked to whom."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, TypeGuard

from counterpart.adapters.memory_records import is_gone
from counterpart.adapters.memory_selection import takes
from counterpart.adapters.salesforce.rows import EXTERNAL_ID
from counterpart.domain.emails import is_email
from counterpart.domain.links import LinkedBy, LinkState
from counterpart.domain.outcomes import Reason
from counterpart.domain.records import SObject, object_of
from tests.convergence.rows import heir_of, is_over

if TYPE_CHECKING:
    from collections.abc import Iterator

    from counterpart.adapters.salesforce.rows import Row
    from counterpart.domain.contacts import Company, Contact
    from counterpart.domain.links import Counterpart, Link
    from tests.convergence.chronicle import Chronicle
    from tests.convergence.world import World

# More than the clocks differ, than a stamp is rounded, and than an invocation takes that read
# before an edit.
MARGIN = timedelta(minutes=5)

# How a record that was unknown here becomes somebody's.
_TAKEN_OVER = {LinkedBy.CONVERSION, LinkedBy.MERGE}

# A record with one of these is known, or stays outside because somebody said so.
_INSIDE = {LinkState.LINKED, LinkState.SECONDARY, LinkState.DELETED_HERE}


def visible(world: World, row: Row) -> bool:
    """Return whether a pull takes what this row holds, and took it at its stamp already."""
    sobject = object_of(row["Id"]) or SObject.LEAD
    entry = world.settings.current().inbound.objects[sobject]
    chosen_at = world.selected_at.get(sobject)
    return (
        entry.enabled
        and (entry.enabled_at is None or row["SystemModstamp"] >= entry.enabled_at)
        and (chosen_at is None or row["SystemModstamp"] > chosen_at + MARGIN)
        and takes(entry.selection, row)
    )


def in_sight(row: Row | None, world: World) -> TypeGuard[Row]:
    """Return whether a row is there and lives, and a pull took what it holds."""
    return row is not None and not is_gone(row) and visible(world, row)


def one_to_one(world: World, chronicle: Chronicle, rows: dict[str, Row]) -> Iterator[str]:
    """No contact is linked to two records, nor two contacts to one."""
    subjects = world.all_subjects()
    held = Counter(one.counterpart.record_id for one in subjects if one.counterpart)
    for record_id, times in held.items():
        if times > 1:
            yield f"{record_id} is the counterpart of {times} subjects"
    linked = Counter(
        link.subject_id
        for link in world.all_links()
        # A record that was purged before a broken-off move came to its link leads nobody any more.
        if (row := rows.get(link.record_id))
        and tells(link, row, world, chronicle)
        and not _may_be_left_over(row, chronicle)
    )
    for subject_id, times in linked.items():
        if times > 1:
            yield f"{subject_id} is linked to {times} records"


def tells(link: Link, row: Row, world: World, chronicle: Chronicle) -> bool:
    """Return whether a link must be true: it leads somebody, and a pull reads its record.

    That is how the half of a move is completed that was broken off. But of a record that was
    converted or merged, whose contact was merged away here when its row was read again, the link
    is left: nobody was there any more whom it led to, and if that contact is given back, it is as
    harmless, as such a record never comes back.
    """
    if link.state is not LinkState.LINKED or not visible(world, row):
        return False
    return not (is_over(row) and link.subject_id in chronicle.parted)


def links_agree(world: World, chronicle: Chronicle, rows: dict[str, Row]) -> Iterator[str]:
    """The links table and the subjects tell the same."""
    subjects = {one.id: one for one in world.all_subjects()}
    links = {link.record_id: link for link in world.all_links()}
    for subject in subjects.values():
        counterpart = subject.counterpart
        if counterpart is None:
            continue
        link = links.get(counterpart.record_id)
        if link is None or link.subject_id != subject.id or link.state is not LinkState.LINKED:
            yield f"{subject.id} has counterpart {counterpart.record_id}, whose link says {link}"
    for link in links.values():
        row = rows.get(link.record_id)
        if row is None or not tells(link, row, world, chronicle):
            continue
        holder = subjects.get(link.subject_id or "")
        if holder is None:
            # The first half of a birth that was struck; the record was gone before the second,
            # and whoever else is struck between the halves must still find the link.
            if is_gone(row):
                continue
            yield f"{link.record_id} is linked to {link.subject_id}, who does not exist"
        elif _may_stay_half(row, holder, chronicle):
            continue
        elif holder.counterpart is None or holder.counterpart.record_id != link.record_id:
            yield f"{link.record_id} is linked to {holder.id}, who has {holder.counterpart}"


def _may_stay_half(row: Row, holder: Contact | Company, chronicle: Chronicle) -> bool:
    """Return whether nothing but a sweep may come back to the link of a record that is gone.

    The push that found its deletion died before it came to the link. Or a pull by hand did, which
    nobody repeats.
    """
    if _may_be_left_over(row, chronicle):
        return True
    return holder.counterpart is None and is_gone(row) and chronicle.broken_off


def _may_be_left_over(row: Row, chronicle: Chronicle) -> bool:
    """Return whether nothing may come back to the link of a record that was deleted.

    Its deletion was read while that was to be ignored, and whoever found it later, or met another
    record by its key, died before that came to this link. It leads nobody, be it undeleted.
    """
    return row["IsDeleted"] and chronicle.ignored_deletions


def everybody_came_in(world: World, _: Chronicle, rows: dict[str, Row]) -> Iterator[str]:
    """Each record that may come in is linked, or was left outside for a reason that is told."""
    links = {link.record_id: link for link in world.all_links()}
    for row in rows.values():
        if not in_sight(row, world):
            continue
        link = links.get(row["Id"])
        is_person = object_of(row["Id"]) is not SObject.ACCOUNT
        if is_person and not (row["Email"] and is_email(row["Email"])):
            # Left outside, unless it came in while it had an address.
            if link is None:
                yield f"{row['Id']} has no e-mail, and nobody was told"
        elif link is None or link.state not in _INSIDE:
            yield f"{row['Id']} did not come in: {link}"


def nobody_follows_the_gone(
    world: World, chronicle: Chronicle, rows: dict[str, Row]
) -> Iterator[str]:
    """A contact whose record is gone was moved on or unlinked.

    What took over while our user might not see its object could not be looked at, and if it was
    gone by then, the row that tells of it may have passed before; a sweep finds that.
    """
    for counterpart, wrong in _who_follow_the_gone(world, chronicle, rows):
        unread = counterpart.modstamp is None and counterpart.object in chronicle.barred
        if not unread or counterpart.linked_by not in _TAKEN_OVER:
            yield wrong


def a_sweep_finds_the_gone(
    world: World, chronicle: Chronicle, rows: dict[str, Row]
) -> Iterator[str]:
    """After it, nobody at all follows a record that is gone."""
    for _, wrong in _who_follow_the_gone(world, chronicle, rows):
        yield f"{wrong}, after a sweep"


def _who_follow_the_gone(
    world: World, chronicle: Chronicle, rows: dict[str, Row]
) -> Iterator[tuple[Counterpart, str]]:
    inbound = world.settings.current().inbound
    told = {one.record_id for one in world.all_outcomes() if one.reason is Reason.DELETED_THERE}
    people = any(entry.enabled for name, entry in inbound.objects.items() if name.is_person)
    for subject in world.all_subjects():
        if subject.counterpart is None or not people:
            continue
        record_id = subject.counterpart.record_id
        row = rows.get(record_id)
        if row is None:
            if record_id not in chronicle.purged:
                yield subject.counterpart, f"{subject.id} follows {record_id}, which never was"
        elif chronicle.ignored_deletions:
            # What was ignored stays ignored; there is no way to tell from here when it was.
            continue
        elif is_over(row):
            wrong = f"{subject.id} follows {record_id}, which was converted or merged"
            yield subject.counterpart, wrong
        elif row["IsDeleted"] and record_id not in told:
            yield subject.counterpart, f"{subject.id} follows {record_id}, which was deleted"


def nobody_is_left_behind(
    world: World, chronicle: Chronicle, rows: dict[str, Row]
) -> Iterator[str]:
    """Who was linked to a lead that was converted, or to the loser of a merge, did not lose it."""
    links = {link.record_id: link for link in world.all_links()}
    subjects = {one.id: one for one in world.all_subjects()}
    for link in links.values():
        heirs = _heirs(rows.get(link.record_id), rows)
        if link.state is not LinkState.DELETED_THERE or not heirs:
            continue
        heir = heirs[-1]
        if is_gone(heir):
            # The Contact that it became was deleted, which clears the reference to it.
            continue
        chain = {link.record_id, *(row["Id"] for row in heirs)}
        subject = subjects.get(link.subject_id or "")
        if chain & chronicle.gone and (
            subject is None
            or subject.counterpart
            or (subject.former and subject.former.record_id != link.record_id)
            or heir["Id"] in links
            or not visible(world, heir)
        ):
            # While one of them was in the recycle bin, the contact or the heir has met another; or
            # nobody reads of its return.
            continue
        yield f"{link.record_id} lives on as {heir['Id']}, and counts as deleted"


def _heirs(row: Row | None, rows: dict[str, Row]) -> list[Row]:
    """Return what a record that is gone lived on as, one after the other."""
    heirs: list[Row] = []
    while row and (next_id := heir_of(row)):
        row = rows.get(next_id)
        if row:
            heirs.append(row)
    return heirs


def nobody_waits_in_vain(world: World, _: Chronicle, __: dict[str, Row]) -> Iterator[str]:
    """A contact whose Account is a company here belongs to one."""
    companies = {company.record_id: company.id for company in world.all_companies()}
    for contact in world.all_contacts():
        if contact.awaits and contact.awaits in companies:
            yield f"{contact.id} waits for {contact.awaits}, which is {companies[contact.awaits]}"


def made_once(_: World, chronicle: Chronicle, rows: dict[str, Row]) -> Iterator[str]:
    """No record was created twice for one contact, nor two Accounts for one company."""
    # One that was in the recycle bin may have been replaced before somebody took it out again.
    living = [row for row in rows.values() if not is_gone(row) and row["Id"] not in chronicle.gone]
    made = Counter(str(row[EXTERNAL_ID]).lower() for row in living if row[EXTERNAL_ID])
    for external_id, times in made.items():
        if times > 1:
            yield f"{times} records were made for {external_id}"


def deletions_hold(world: World, _: Chronicle, __: dict[str, Row]) -> Iterator[str]:
    """A contact that was deleted here stays deleted."""
    contacts = {contact.id for contact in world.all_contacts()}
    for contact_id, ended in world.deletions.items():
        if ended and contact_id in contacts:
            yield f"{contact_id} was deleted and is there again"


STRUCTURE = (
    one_to_one,
    links_agree,
    everybody_came_in,
    nobody_follows_the_gone,
    nobody_is_left_behind,
    made_once,
    deletions_hold,
)
