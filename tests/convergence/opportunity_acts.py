"""What people in Salesforce do with opportunities, and with the roles of Contacts in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from counterpart.domain.opportunities import OPPORTUNITY, ROLE
from counterpart.domain.records import SObject, object_of
from tests.convergence.rows import living

if TYPE_CHECKING:
    from collections.abc import Callable

    from counterpart.adapters.salesforce.rows import Row
    from tests.convergence.chronicle import Chronicle
    from tests.convergence.steps import Numbers
    from tests.convergence.world import World

_STAGES = ("Prospecting", "Negotiation/Review", "Closed Won", "Closed Lost")
_ROLES = ("Decision Maker", "Evaluator", None)
_LATE = (0, 0, 0, 0, 60, 400)


class OpportunityActs:
    """Acts of sellers, written down in the chronicle as the org accepts them."""

    def __init__(self, world: World, chronicle: Chronicle) -> None:
        self._world, self._chronicle = world, chronicle

    def deal(self, numbers: Numbers) -> str:
        """Enter an opportunity of an Account, or of nobody."""
        values: dict[str, Any] = {
            "Name": f"Deal{numbers[1]}",
            "StageName": _STAGES[numbers[2] % len(_STAGES)],
            "CloseDate": f"2026-{1 + numbers[3] % 12:02d}-15",
            "AccountId": self._some_account(numbers[4]),
        }
        if numbers[5] % 4:
            values["Amount"] = numbers[5] / 4
        record_id = self._world.hands.add(OPPORTUNITY, values, _LATE[numbers[6] % len(_LATE)])
        if record_id:
            self._note(record_id, values)
        return f"{record_id} {values}"

    def edit_deal(self, numbers: Numbers) -> str:
        """Change an opportunity: its name, its amount, how far it is, when it closes, whose."""
        row = self._some(OPPORTUNITY, numbers[1])
        if row is None:
            return "none"
        values: dict[str, Any] = (
            {"Name": f"Deal{numbers[2]}"},
            {"Amount": numbers[2] / 4 if numbers[2] % 5 else None},
            {"StageName": _STAGES[numbers[2] % len(_STAGES)]},
            {"CloseDate": f"2027-{1 + numbers[2] % 12:02d}-15"},
            {"AccountId": self._some_account(numbers[2])},
        )[numbers[3] % 5]
        done = self._world.hands.edit(row["Id"], values, _LATE[numbers[4] % len(_LATE)])
        if done:
            self._note(row["Id"], values)
        return f"{row['Id']} {values} {done}"

    def role(self, numbers: Numbers) -> str:
        """Give a Contact a role in an opportunity."""
        deal = self._some(OPPORTUNITY, numbers[1])
        people = self._living(SObject.CONTACT)
        if deal is None or not people:
            return "none"
        values = {
            "OpportunityId": deal["Id"],
            "ContactId": people[numbers[2] % len(people)],
            "Role": _ROLES[numbers[3] % len(_ROLES)],
            "IsPrimary": numbers[4] % 2 > 0,
        }
        record_id = self._world.hands.add(ROLE, values, _LATE[numbers[5] % len(_LATE)])
        if record_id:
            self._note(record_id, values)
        return f"{record_id} {values}"

    def edit_role(self, numbers: Numbers) -> str:
        """Make a role the primary one, or not, or another one, or somebody else's."""
        row, people = self._some(ROLE, numbers[1]), self._living(SObject.CONTACT)
        if row is None or not people:
            return "none"
        values: dict[str, Any] = (
            {"IsPrimary": not row["IsPrimary"]},
            {"Role": _ROLES[numbers[2] % len(_ROLES)]},
            {"ContactId": people[numbers[2] % len(people)]},
        )[numbers[3] % 3]
        done = self._world.hands.edit(row["Id"], values, 0)
        if done:
            self._note(row["Id"], values)
        return f"{row['Id']} {values} {done}"

    def drop_deal(self, numbers: Numbers) -> str:
        """Delete an opportunity, or a role."""
        row = self._some((OPPORTUNITY, ROLE)[numbers[2] % 2], numbers[1])
        if row is None:
            return "none"
        return f"{row['Id']} {self._world.hands.delete(row['Id'])}"

    def restore_deal(self, numbers: Numbers) -> str:
        """Take an opportunity, with its roles, out of the recycle bin."""
        row = self._some(OPPORTUNITY, numbers[1], deleted=True)
        if row is None:
            return "none"
        return f"{row['Id']} {self._world.hands.undelete(row['Id'])}"

    def _some(self, sobject: str, number: int, *, deleted: bool = False) -> Row | None:
        prefix = {OPPORTUNITY: "006", ROLE: "00K"}[sobject]
        rows = [
            row
            for row in self._world.hands.deals()
            if row["Id"].startswith(prefix) and bool(row["IsDeleted"]) is deleted
        ]
        return sorted(rows, key=lambda row: str(row["Id"]))[number % len(rows)] if rows else None

    def _living(self, sobject: SObject) -> list[str]:
        ids = (row["Id"] for row in living(self._world.hands))
        return [each for each in ids if object_of(each) is sobject]

    def _some_account(self, number: int) -> str | None:
        accounts = [*self._living(SObject.ACCOUNT), None]
        return accounts[number % len(accounts)]

    def _note(self, record_id: str, values: dict[str, Any]) -> None:
        self._chronicle.deals |= {(record_id, path): value for path, value in values.items()}


OPPORTUNITY_ACTS: dict[str, Callable[[OpportunityActs, Numbers], str]] = {
    name: getattr(OpportunityActs, name)
    for name in ("deal", "edit_deal", "role", "edit_role", "drop_deal", "restore_deal")
}
