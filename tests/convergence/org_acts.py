"""What people do in Salesforce: they enter records, edit, mark and move them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from counterpart.adapters.memory_schema import MARKER
from counterpart.domain.records import SObject, object_of
from tests.convergence.hands import RAW
from tests.convergence.rows import people
from tests.convergence.their_acts import TheirActs

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.convergence.steps import Numbers

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


class OrgActs(TheirActs):
    """Those that enter, edit and touch."""

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
        record_id = self._world.hands.add(SObject.ACCOUNT, values, 0)
        if record_id:
            self._note(record_id, {}, values, 0)
        return f"{record_id} {values}"

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
        rows = people(self._world.hands)
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
        rows = people(self._world.hands)
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


ORG_ACTS: dict[str, Callable[[OrgActs, Numbers], str]] = {
    name: getattr(OrgActs, name)
    for name in ("add", "add_account", "edit", "touch", "move", "mark", "bounce")
}
