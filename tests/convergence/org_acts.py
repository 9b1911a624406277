"""What people do in Salesforce."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from counterpart.adapters.memory_schema import MARKER
from counterpart.domain.records import SObject, object_of
from tests.convergence.chronicle import Edit
from tests.convergence.fields import CONTACT_FIELDS
from tests.convergence.hands import NEAT, RAW
from tests.convergence.rows import living, people

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from counterpart.adapters.salesforce.rows import Row
    from counterpart.domain.values import Value
    from tests.convergence.chronicle import Chronicle
    from tests.convergence.steps import Numbers
    from tests.convergence.world import World

_EMAILS = (
    "ada@acme.example",
    "bob@acme.example",
    "cy@beta.example",
    "di@gmail.com",
    "eve@gamma.example",
    "fay@acme.example",
    None,
)
_WEBSITES = ("https://www.acme.example", "beta.example", None)
_LATE = (10, 60, 400, 800)
_EDITED = ("Title", "Phone", "City", "LastName", "Email", "HasOptedOutOfEmail")


def how_late(number: int) -> float:
    """Return after how many seconds somebody's transaction commits."""
    return _LATE[number % len(_LATE)] if number % 7 == 0 else 0


class OrgActs:
    """Acts of people, written down in the chronicle as the org accepts them."""

    def __init__(self, world: World, chronicle: Chronicle) -> None:
        self._world, self._chronicle = world, chronicle

    def people(self) -> list[Row]:
        """Return the Leads and Contacts that live."""
        return people(self._world.hands)

    def _living(self) -> list[Row]:
        return living(self._world.hands)

    def add(self, numbers: Numbers) -> str:
        """Enter a Lead or a Contact."""
        sobject = (SObject.LEAD, SObject.CONTACT)[numbers[1] % 2]
        values: dict[str, Any] = {
            "LastName": f"Entered{numbers[2]}",
            "Email": _EMAILS[numbers[3] % len(_EMAILS)],
        }
        if sobject is SObject.LEAD:
            values["Company"] = f"House{numbers[2]}"
        elif accounts := self._accounts():
            values["AccountId"] = accounts[numbers[4] % len(accounts)]
        if numbers[4] % 2:
            values["Title"] = f"Post{numbers[2]}"
        if numbers[4] % 11 == 0:
            values["HasOptedOutOfEmail"] = True
        late = how_late(numbers[5])
        record_id = self._world.hands.add(sobject, values, late)
        if record_id:
            self._note(record_id, {}, values, late)
        return f"{record_id} {values} late={late}"

    def add_account(self, numbers: Numbers) -> str:
        """Enter an Account."""
        values = {
            "Name": f"Org{numbers[1]}",
            "Website": _WEBSITES[numbers[2] % len(_WEBSITES)],
        }
        return f"{self._world.hands.add(SObject.ACCOUNT, values, 0)} {values}"

    def edit(self, numbers: Numbers) -> str:
        """Edit a field of a person, or of an Account."""
        rows = self._living()
        if not rows:
            return "nobody"
        row = rows[numbers[1] % len(rows)]
        sobject = object_of(row["Id"])
        path = _EDITED[numbers[2] % len(_EDITED)]
        value: Any = f"theirs{numbers[3]}"
        if sobject is SObject.ACCOUNT:
            path = ("Name", "Phone")[numbers[2] % 2]
        elif path == "Email":
            value = _EMAILS[numbers[3] % len(_EMAILS)]
        elif path == "HasOptedOutOfEmail":
            value = numbers[3] % 4 > 0
        elif path == "City":
            path = "MailingCity" if sobject is SObject.CONTACT else "City"
        if path == "Title" and numbers[4] % 5 == 0:
            value = f"{RAW}{numbers[3]}"
        elif path in {"Title", "Phone", "City", "MailingCity"} and numbers[4] % 6 == 1:
            value = None
        late = how_late(numbers[5])
        done = self._world.hands.edit(row["Id"], {path: value}, late)
        if done:
            self._note(row["Id"], row, {path: value}, late)
        return f"{row['Id']} {path}={value} late={late} {done}"

    def mark(self, numbers: Numbers) -> str:
        """Tick or untick the checkbox by which records are chosen."""
        rows = self.people()
        if not rows:
            return "nobody"
        row = rows[numbers[1] % len(rows)]
        ticked = numbers[2] % 4 > 0
        done = self._world.hands.edit(row["Id"], {MARKER: ticked}, 0)
        if done:
            self._touched(row["Id"])
        return f"{row['Id']} {ticked} {done}"

    def bounce(self, numbers: Numbers) -> str:
        """Note that mail to a person came back."""
        rows = self.people()
        if not rows:
            return "nobody"
        record_id = rows[numbers[1] % len(rows)]["Id"]
        done = self._world.hands.bounce(record_id)
        if done:
            self._touched(record_id)
        return f"{record_id} {done}"

    def touch(self, numbers: Numbers) -> str:
        """Let automation move a stamp."""
        return self._on_one(numbers, self._stamp)

    def _stamp(self, record_id: str) -> bool:
        done = self._world.hands.touch(record_id)
        if done:
            self._chronicle.stamped[record_id].append(self._world.stamp(self._world.clock()))
        return done

    def delete(self, numbers: Numbers) -> str:
        """Delete a record; an Account takes its Contacts along."""
        before = {row["Id"] for row in self._living()}
        told = self._on_one(numbers, self._world.hands.delete)
        gone = before - {row["Id"] for row in self._living()}
        self._chronicle.gone |= gone
        self._upheave(*gone)
        return told

    def _on_one(self, numbers: Numbers, act: Callable[[str], bool]) -> str:
        rows = self._living()
        if not rows:
            return "nobody"
        record_id = rows[numbers[1] % len(rows)]["Id"]
        return f"{record_id} {act(record_id)}"

    def undelete(self, numbers: Numbers) -> str:
        """Take a record out of the recycle bin."""
        record_id = self._deleted(numbers)
        if record_id is None:
            return "nobody"
        before = {row["Id"] for row in self._living()}
        done = self._world.hands.undelete(record_id)
        if done:
            # It may be the loser of a merge, which comes apart by that.
            self._chronicle.gone.add(record_id)
            self._touched(record_id)
            self._upheave(*(row["Id"] for row in self._living() if row["Id"] not in before))
        return f"{record_id} {done}"

    def purge(self, numbers: Numbers) -> str:
        """Delete a record for good."""
        record_id = self._deleted(numbers)
        if record_id is None:
            return "nobody"
        before = {row["Id"] for row in self._world.hands.rows()}
        done = self._world.hands.purge(record_id)
        # An Account takes its Contacts along.
        self._chronicle.purged |= before - {row["Id"] for row in self._world.hands.rows()}
        return f"{record_id} {done}"

    def _deleted(self, numbers: Numbers) -> str | None:
        ids = sorted(row["Id"] for row in self._world.hands.rows() if row["IsDeleted"])
        return ids[numbers[1] % len(ids)] if ids else None

    def merge(self, numbers: Numbers) -> str:
        """Merge two records of one object."""
        rows = self._living()
        if not rows:
            return "nobody"
        winner = rows[numbers[1] % len(rows)]["Id"]
        others = [
            row["Id"]
            for row in rows
            if row["Id"] != winner and object_of(row["Id"]) is object_of(winner)
        ]
        if not others:
            return "nobody else"
        loser = others[numbers[2] % len(others)]
        done = self._world.hands.merge(winner, loser)
        if done:
            self._chronicle.heirs.add(winner)
            self._chronicle.takeovers.append((loser, winner))
            self._upheave(winner, loser)
            # The Contacts of an Account move to the winner.
            for row in self._living():
                if row["LastModifiedDate"] == self._world.hands.now():
                    self._touched(row["Id"])
        return f"{loser} into {winner} {done}"

    def convert(self, numbers: Numbers) -> str:
        """Convert a lead, into a new Contact or an existing one."""
        rows = self._living()
        leads = [row["Id"] for row in rows if object_of(row["Id"]) is SObject.LEAD]
        contacts = [row["Id"] for row in rows if object_of(row["Id"]) is SObject.CONTACT]
        if not leads:
            return "nobody"
        lead = leads[numbers[1] % len(leads)]
        into = contacts[numbers[2] % len(contacts)] if contacts and numbers[3] % 3 == 0 else None
        deal = f"Lead{numbers[4]}" if numbers[4] % 3 == 0 else None
        contact_id = self._world.hands.convert(lead, into, deal)
        if contact_id:
            self._touched(contact_id)
            self._chronicle.takeovers.append((lead, contact_id))
            self._upheave(lead, contact_id)
            if into:
                self._chronicle.heirs.add(into)
            else:
                self._chronicle.inherit(lead, contact_id)
        return f"{lead} to {contact_id}, existing={bool(into)}"

    def move(self, numbers: Numbers) -> str:
        """Move a Contact to another Account, or to none."""
        contacts = [row for row in self._living() if object_of(row["Id"]) is SObject.CONTACT]
        accounts = [*self._accounts(), None]
        if not contacts:
            return "nobody"
        row = contacts[numbers[1] % len(contacts)]
        account_id = accounts[numbers[2] % len(accounts)]
        done = self._world.hands.edit(row["Id"], {"AccountId": account_id}, 0)
        if done:
            self._touched(row["Id"])
        return f"{row['Id']} to {account_id} {done}"

    def _accounts(self) -> list[str]:
        return [row["Id"] for row in self._living() if object_of(row["Id"]) is SObject.ACCOUNT]

    def _touched(self, record_id: str) -> None:
        self._chronicle.touched[record_id].append(self._world.stamp(self._world.clock()))

    def _upheave(self, *record_ids: str) -> None:
        self._chronicle.campaigns.note_upheaval(record_ids, self._world.clock())

    def _note(self, record_id: str, before: Row, values: dict[str, Any], late: float) -> None:
        sobject = object_of(record_id)
        if sobject is None or sobject is SObject.ACCOUNT:
            return
        self._touched(record_id)
        now, seen = self._world.clock(), self._seen(record_id)
        stamped = self._chronicle.touched[record_id][-1]
        for field in CONTACT_FIELDS:
            path = field.paths.get(sobject)
            if path in values and values[path] != before.get(path):
                value = values[path]
                if path == "Title" and str(value).startswith(RAW):
                    value = NEAT
                unseen = field.name in seen and seen[field.name] != before.get(path)
                edit = Edit(
                    value=value,
                    stamped=stamped,
                    seen=now + timedelta(seconds=late),
                    back=unseen and seen[field.name] == value,
                )
                self._chronicle.note_theirs(record_id, field.name, edit)

    def _seen(self, record_id: str) -> Mapping[str, Value]:
        """Return what the product last saw in a record."""
        link = self._world.links.get_many([record_id]).get(record_id)
        subject_id = link.subject_id if link else None
        found = self._world.contacts.get_many([subject_id]) if subject_id else {}
        return {key: one.ledger.shadows for key, one in found.items()}.get(subject_id or "", {})


def _once_free(act: Callable[[OrgActs, Numbers], str]) -> Callable[[OrgActs, Numbers], str]:
    """Return an act that waits while somebody writes a member, with whom it would meddle."""

    def waiting(self: OrgActs, numbers: Numbers) -> str:
        busy = self._world.hands.are_members_under_way()
        return "waits" if busy else act(self, numbers)

    return waiting


ORG_ACTS: dict[str, Callable[[OrgActs, Numbers], str]] = {
    name: getattr(OrgActs, name)
    for name in ("add", "add_account", "edit", "touch", "move", "mark", "bounce")
} | {
    name: _once_free(getattr(OrgActs, name))
    for name in ("delete", "undelete", "purge", "merge", "convert")
}
