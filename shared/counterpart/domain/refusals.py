"""Refusals: what Salesforce says of a row it did not take, and what that asks of us.

The codes and what they mean: SOAP API guide, "Core Data Types", `StatusCode`; REST API guide,
"Status Codes and Error Responses".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class Remedy(StrEnum):
    """What a refusal asks of us."""

    # Nothing is wrong with the row; the same write may succeed later.
    RETRY = "retry"
    # The id no longer leads to a record we can write: merged, converted or deleted.
    RESOLVE = "resolve"
    # A record like this exists; the refusal names it.
    ADOPT = "adopt"
    # The row, or our rights, must change first.
    SET_ASIDE = "set_aside"


# Ours, of a row that had no turn of its own: others spoilt each collection that it was in.
NOT_TRIED = "NOT_TRIED"

REMEDIES = {
    NOT_TRIED: Remedy.RETRY,
    "UNABLE_TO_LOCK_ROW": Remedy.RETRY,
    "ENTITY_IS_LOCKED": Remedy.RETRY,
    "TOO_MANY_APEX_REQUESTS": Remedy.RETRY,
    "QUERY_TIMEOUT": Remedy.RETRY,
    "REQUEST_RUNNING_TOO_LONG": Remedy.RETRY,
    "TXN_SECURITY_METERING_ERROR": Remedy.RETRY,
    "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": Remedy.RETRY,
    "SERVER_UNAVAILABLE": Remedy.RETRY,
    "UNKNOWN_EXCEPTION": Remedy.RETRY,
    "PROCESSING_HALTED": Remedy.RETRY,
    "REQUEST_LIMIT_EXCEEDED": Remedy.RETRY,
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": Remedy.RETRY,
    "CANNOT_EXECUTE_FLOW_TRIGGER": Remedy.RETRY,
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": Remedy.RETRY,
    "ENTITY_IS_DELETED": Remedy.RESOLVE,
    "NOT_FOUND": Remedy.RESOLVE,
    "INVALID_CROSS_REFERENCE_KEY": Remedy.RESOLVE,
    "CANNOT_UPDATE_CONVERTED_LEAD": Remedy.RESOLVE,
    "DUPLICATE_VALUE": Remedy.ADOPT,
    "DUPLICATES_DETECTED": Remedy.ADOPT,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """Why Salesforce did not take one row.

    Attributes:
        code: Its status code, such as `STRING_TOO_LONG`.
        message: Its own words.
        fields: API names that it blames, if any.
        matches: 18-character ids of the records it takes for duplicates, if it names any.
        others: What else is wrong with the row, where it says several things at once.
    """

    code: str
    message: str
    fields: tuple[str, ...] = ()
    matches: tuple[str, ...] = ()
    others: tuple[Refusal, ...] = ()

    def blames(self, path: str) -> bool:
        """Return whether a field is among those that it blames, or hangs on one of them."""
        return any(_name(one.fields, path) for one in (self, *self.others))

    def about(self, path: str) -> Refusal:
        """Return what of it blames a field; where nothing does, what comes first."""
        return next((one for one in (self, *self.others) if _name(one.fields, path)), self)

    @property
    def remedy(self) -> Remedy:
        """Return what this refusal asks of us; an unknown code is a matter for a person."""
        return REMEDIES.get(self.code, Remedy.SET_ASIDE)


def _name(fields: Sequence[str], path: str) -> bool:
    """Return whether a field is among some that are blamed, or hangs on one of them.

    API names ignore case. A state is one of a country: where Salesforce does not take the
    country, or has none, it takes no state either.
    """
    blamed = {name.casefold() for name in fields}
    states = {
        name.removesuffix("code").replace("country", "state")
        for name in blamed
        if "country" in name
    }
    wanted = path.casefold()
    return wanted in blamed or wanted.removesuffix("code") in states
