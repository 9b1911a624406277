"""What people in Salesforce do to whole records: delete, return, merge and convert them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.records import SObject, object_of
from tests.convergence.their_acts import TheirActs

if TYPE_CHECKING:
    from collections.abc import Callable

    from counterpart.adapters.salesforce.rows import Row
    from tests.convergence.steps import Numbers


class OrgLifeActs(TheirActs):
    """Those by which records come and go, with what hangs on them."""

    def delete(self, numbers: Numbers) -> str:
        """Delete a record; an Account takes its Contacts along."""
        before = {row["Id"] for row in self._living()}
        told = self._on_one(numbers, self._world.hands.delete)
        gone = before - {row["Id"] for row in self._living()}
        self._chronicle.gone |= gone
        self._upheave(*gone)
        return told

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
            self._touched_now()
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
        accounts = self._accounts()
        contact_id = self._world.hands.convert(lead, into, deal)
        if contact_id:
            # So is its Account.
            self._touched_now()
            for record_id, row in self._accounts().items():
                # A new one has values of the lead, and so have the blanks of one that was there.
                if row != accounts.get(record_id):
                    self._note(record_id, accounts.get(record_id, {}), row, 0)
            self._chronicle.takeovers.append((lead, contact_id))
            self._upheave(lead, contact_id)
            if into:
                self._chronicle.heirs.add(into)
            else:
                self._chronicle.inherit(lead, contact_id)
        return f"{lead} to {contact_id}, existing={bool(into)}"

    def _accounts(self) -> dict[str, Row]:
        living = self._living()
        return {row["Id"]: {**row} for row in living if object_of(row["Id"]) is SObject.ACCOUNT}

    def _touched_now(self) -> None:
        """Write down that whatever bears the stamp of this moment was touched."""
        for row in self._living():
            if row["LastModifiedDate"] == self._world.hands.now():
                self._touched(row["Id"])

    def _upheave(self, *record_ids: str) -> None:
        self._chronicle.campaigns.note_upheaval(record_ids, self._world.clock())


def _once_free(act: Callable[[OrgLifeActs, Numbers], str]) -> Callable[[OrgLifeActs, Numbers], str]:
    """Return an act that waits while somebody writes a member, with whom it would meddle."""

    def waiting(self: OrgLifeActs, numbers: Numbers) -> str:
        busy = self._world.hands.are_members_under_way()
        return "waits" if busy else act(self, numbers)

    return waiting


ORG_LIFE_ACTS: dict[str, Callable[[OrgLifeActs, Numbers], str]] = {
    name: _once_free(getattr(OrgLifeActs, name))
    for name in ("delete", "undelete", "purge", "merge", "convert")
}
