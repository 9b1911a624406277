"""Deletion, the recycle bin, undeletion, purging, merging and touching."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.errors import SalesforceError, not_found
from simulator.ids import long_id
from simulator.records.members import check_status_deletable
from simulator.records.options import WriteOptions
from simulator.records.writer import LOCKED_PARENTS, Writer
from simulator.schema import ObjectType
from simulator.store import Row

if TYPE_CHECKING:
    from simulator.org import Org

RECYCLE_BIN_DAYS = 15
MOST_MERGED = 2


def delete(org: "Org", record_id: str, options: WriteOptions) -> None:
    """Put a record and what hangs on it into the recycle bin."""
    full = long_id(record_id)
    kind = org.schema.of_id(full) if full is not None else None
    if full is None or kind is None:
        raise SalesforceError("MALFORMED_ID", f"malformed id {record_id}", fields=[])
    writer = Writer(org, options)
    writer.permit(kind, "deletable", "delete")
    row = writer.existing(kind, full)
    if kind.name == "CampaignMemberStatus":
        check_status_deletable(org, row)
    with org.store.transaction():
        _lock(org, kind, row, options)
        _delete(org, kind, row, options.user_id, deletion=full)


def _lock(org: "Org", kind: ObjectType, row: Row, options: WriteOptions) -> None:
    keys = {row[name] for name in LOCKED_PARENTS if row.get(name)}
    if kind.name in LOCKED_PARENTS.values() or options.transaction is not None:
        keys.add(row["Id"])
    org.locks.take(options.request_number, options.transaction, keys, held={row["Id"]})
    if options.transaction is not None:
        org.locks.hold(options.transaction, keys)


def _delete(
    org: "Org",
    kind: ObjectType,
    row: Row,
    user_id: str,
    *,
    deletion: str,
    master: str | None = None,
) -> None:
    stamped = org.stamped(kind, user_id)
    changes: Row = {
        "IsDeleted": 1,
        "_Deletion": deletion,
        "_DeletedAt": org.clock.stamp(),
        **stamped,
    }
    if master is not None:
        changes["MasterRecordId"] = master
    org.store.update(kind, row["Id"], changes)
    for link in org.base.children(kind.name):
        if link.field.on_delete == "keep" or not link.field.stored:
            continue
        living = " AND IsDeleted = 0" if link.child.has("IsDeleted") else ""
        for child_id in org.store.ids(
            link.child, f'"{link.field.column}" = ?{living}', [row["Id"]]
        ):
            child = org.store.get(link.child, child_id)
            if child is None:
                continue
            if link.field.on_delete == "restrict":
                raise SalesforceError(
                    "DELETE_FAILED",
                    f"Your attempt to delete {row.get('Name')} could not be completed because it "
                    f"is associated with the following {link.child.label_plural}.: {child_id}",
                    fields=[],
                )
            if link.field.on_delete == "cascade" and link.child.has("IsDeleted"):
                _delete(org, link.child, child, user_id, deletion=deletion)
            else:
                org.store.update(link.child, child_id, {link.field.column: None, **org.touched()})


def undelete(org: "Org", record_id: str, user_id: str) -> None:
    """Take a record and what was deleted with it out of the recycle bin; merged ones come apart.

    A campaign member whose other parent was deleted meanwhile comes back with that one.
    """
    kind, row = found(org, record_id)
    if not row.get("IsDeleted") or not kind.flags["undeletable"]:
        raise SalesforceError("UNDELETE_FAILED", "entity is not in the recycle bin", fields=[])
    with org.store.transaction():
        for other, one in _deleted_with(org, row["_Deletion"]):
            if other.name == "CampaignMember":
                elsewhere = _deletion_of_parent(org, other, one, but=row["_Deletion"])
                if elsewhere is not None:
                    org.store.update(other, one, {"_Deletion": elsewhere})
                    continue
            changes: Row = {"IsDeleted": 0, "_Deletion": None, "_DeletedAt": None}
            if other.has("MasterRecordId"):
                changes["MasterRecordId"] = None
            org.store.update(other, one, changes | org.stamped(other, user_id))


def _deletion_of_parent(org: "Org", kind: ObjectType, member_id: str, *, but: str) -> str | None:
    """Return with what else a parent of a campaign member was deleted, if one was."""
    member = org.store.get(kind, member_id) or {}
    for column, name in (("CampaignId", "Campaign"), ("ContactId", "Contact"), ("LeadId", "Lead")):
        parent = org.store.get(org.base.objects[name], member.get(column) or "")
        if parent is not None and parent["IsDeleted"] and parent["_Deletion"] != but:
            return str(parent["_Deletion"])
    return None


def purge(org: "Org", record_id: str) -> None:
    """Remove a record for good, in the recycle bin or not, and what was deleted with it."""
    kind, row = found(org, record_id)
    with org.store.transaction():
        if not row.get("IsDeleted"):
            _delete(org, kind, row, org.admin_id, deletion=row["Id"])
            row = org.store.get(kind, row["Id"]) or row
        gone = [(kind, row["Id"])]
        if row["_Deletion"] == row["Id"]:
            gone = _deleted_with(org, row["Id"])
        for other, one in gone:
            org.store.note_deletion(other, one, row["_DeletedAt"])
            org.store.remove(other, one)


def _deleted_with(org: "Org", deletion: str) -> list[tuple[ObjectType, str]]:
    return [
        (kind, one)
        for kind in org.base.objects.values()
        if kind.has("IsDeleted")
        for one in org.store.ids(kind, "_Deletion = ? AND IsDeleted = 1", [deletion])
    ]


def purge_expired(org: "Org") -> None:
    """Empty the recycle bin of what has lain there too long."""
    limit = org.clock.stamp_before(days=RECYCLE_BIN_DAYS)
    for kind in org.base.objects.values():
        if not kind.has("IsDeleted"):
            continue
        for record_id in org.store.ids(kind, "IsDeleted = 1 AND _DeletedAt < ?", [limit]):
            # It may have gone with its parent a moment ago.
            if org.store.get(kind, record_id) is not None:
                purge(org, record_id)


def touch(org: "Org", record_id: str) -> None:
    """Move a record's SystemModstamp and nothing else, as back-end processes do."""
    kind, row = found(org, record_id)
    org.store.update(kind, row["Id"], org.touched())


def merge(
    org: "Org", kind: ObjectType, master_id: str, duplicate_ids: Sequence[str], user_id: str
) -> None:
    """Merge up to two records into a third; what pointed at them points at the winner."""
    if not kind.mergeable:
        raise SalesforceError("INVALID_TYPE", f"{kind.name} can not be merged")
    if not 1 <= len(duplicate_ids) <= MOST_MERGED:
        raise SalesforceError("INVALID_ARGUMENT_TYPE", "One or two records are merged at a time.")
    writer = Writer(org, WriteOptions(user_id=user_id))
    master = writer.existing(kind, master_id)
    losers = [writer.existing(kind, one) for one in duplicate_ids]
    if master["Id"] in {loser["Id"] for loser in losers}:
        raise SalesforceError("INVALID_ID_FIELD", "A record can not be merged into itself.")
    if len({bool(row.get("IsPersonAccount")) for row in (master, *losers)}) > 1:
        raise SalesforceError("INVALID_ARGUMENT_TYPE", "A person merges with persons alone.")
    org.locks.require_free({row["Id"] for row in (master, *losers)})
    with org.store.transaction():
        for loser in losers:
            _reparent(org, kind, loser["Id"], master["Id"])
            _delete(org, kind, loser, user_id, deletion=loser["Id"], master=master["Id"])
            if loser.get("IsPersonAccount"):
                _merge_person(org, master, loser, user_id)
        org.store.update(kind, master["Id"], org.stamped(kind, user_id))


def _merge_person(org: "Org", master: Row, loser: Row, user_id: str) -> None:
    """Merge the contact behind a person account into the winner's; both come back together."""
    contacts, contact_id = org.base.objects["Contact"], loser["PersonContactId"]
    # It is part of its own account, and no child that moved to the winner.
    org.store.update(contacts, contact_id, {"AccountId": loser["Id"]})
    _reparent(org, contacts, contact_id, master["PersonContactId"])
    org.store.update(org.base.objects["Account"], loser["Id"], {"PersonContactId": contact_id})
    contact = org.store.get(contacts, contact_id)
    if contact is not None:
        own = master["PersonContactId"]
        _delete(org, contacts, contact, user_id, deletion=loser["Id"], master=own)


def _reparent(org: "Org", kind: ObjectType, loser: str, master: str) -> None:
    for link in org.base.children(kind.name):
        column = link.field.column
        if not link.field.stored or column == "MasterRecordId":
            continue
        for child_id in org.store.ids(link.child, f'"{column}" = ?', [loser]):
            child = org.store.get(link.child, child_id) or {}
            if link.child.name == "CampaignMember" and _already_member(org, child, column, master):
                continue
            org.store.update(link.child, child_id, {column: master, **org.touched()})


def _already_member(org: "Org", member: Row, column: str, master: str) -> bool:
    """Return whether the winner is a member, or becomes one when the loser would."""
    kind = org.base.objects["CampaignMember"]
    condition = f'CampaignId = ? AND "{column}" = ? AND (IsDeleted = 0 OR _Deletion = ?)'
    found_ids = org.store.ids(kind, condition, [member["CampaignId"], master, member["_Deletion"]])
    return bool(found_ids)


def found(org: "Org", record_id: str) -> tuple[ObjectType, Row]:
    """Return a record, deleted or not, and its object."""
    full = long_id(record_id)
    kind = org.base.of_id(full) if full is not None else None
    row = org.store.get(kind, full) if kind is not None and full is not None else None
    if kind is None or row is None:
        raise not_found()
    return kind, row
