"""Person accounts: whether an org has them, learned beside a query so that it costs no call.

Where it has, Contacts and Accounts bear `IsPersonAccount`; elsewhere the field does not exist, and
a query that names it fails.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from counterpart.adapters.salesforce.composite import Part
from counterpart.adapters.salesforce.rows import IS_PERSON_ACCOUNT
from counterpart.domain.records import SObject

if TYPE_CHECKING:
    from collections.abc import Collection

    from counterpart.adapters.salesforce.composite import PartAnswer

# Either object bears the field; a lead is never a person account.
BEARERS = frozenset({SObject.ACCOUNT, SObject.CONTACT})


def describe_part(sobject: SObject) -> Part:
    """Return the part of a composite that describes an object."""
    return Part(method="GET", path=f"sobjects/{sobject}/describe")


class PersonAccounts:
    """What is known of them in one org.

    An org gains them once and for ever, so this is asked once in the life of the process.

    Attributes:
        there: `None` until it was learned.
    """

    def __init__(self) -> None:
        self.there: bool | None = None

    def question(self, sobjects: Collection[SObject]) -> list[Part]:
        """Return what to ask beside a query of these objects; nothing if that says nothing new."""
        asked = self.there is None and BEARERS & set(sobjects)
        return [describe_part(SObject.CONTACT)] if asked else []

    def hear(self, answer: PartAnswer) -> bool:
        """Learn from an answer; return whether what was asked along with it has to be asked anew.

        A describe that failed teaches nothing, and is asked again with the next query.
        """
        match answer.body:
            case {"fields": list(fields)} if answer.status == HTTPStatus.OK:
                self.there = any(one.get("name") == IS_PERSON_ACCOUNT for one in fields)
        return bool(self.there)

    def columns(self, sobject: SObject) -> tuple[str, ...]:
        """Return what to read of an object besides what every org has."""
        return (IS_PERSON_ACCOUNT,) if self.there and sobject in BEARERS else ()
