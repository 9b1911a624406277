"""People who were to be created: what became of them before anybody was."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from counterpart.use_cases.creation_ports import Person

# Why a job is delivered again.
ANOTHER_IS_MADE = "another contact of its address is being created"


@dataclass(frozen=True, kw_only=True, slots=True)
class Settled:
    """What became of people who were to be created.

    Attributes:
        rest: Those who still are, each with the Account that it belongs to.
        failed: By contact that is to be tried again: why.
        parked: Those whose address is another contact's there, and whose record that is.
        lost: Those whose record was made, and then linked to somebody else, with that record.
    """

    rest: Sequence[Person]
    failed: Mapping[str, str] = field(default_factory=dict)
    parked: Sequence[tuple[Person, str]] = ()
    lost: Sequence[tuple[Person, str]] = ()


def told_apart(people: Sequence[Person], theirs: Mapping[str, str]) -> Settled:
    """Tell those who are to be created from those whose address is somebody else's there.

    Args:
        people: For whom nothing free was found.
        theirs: By contact, for people to read, the records of its address and whose they are.
    """
    failed: dict[str, str] = {}
    parked: list[tuple[Person, str]] = []
    rest: dict[str, Person] = {}
    for person in people:
        contact_id = person.contact.id
        if contact_id in theirs:
            parked.append((person, theirs[contact_id]))
        elif person.key in rest:
            # The next delivery finds what has become of the other one.
            failed[contact_id] = ANOTHER_IS_MADE
        else:
            rest[person.key or contact_id] = person
    return Settled(rest=tuple(rest.values()), failed=failed, parked=parked)
