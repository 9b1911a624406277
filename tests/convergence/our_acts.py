"""Acts of people on our side, and what all of them have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from counterpart.domain.contacts import Contact
    from tests.convergence.chronicle import Chronicle
    from tests.convergence.steps import Step
    from tests.convergence.world import Mishap, World


class UnkeptPromiseError(AssertionError):
    """An answer said something that is not so, or somebody was let do what nobody may."""


class OurActs:
    """Acts of people on our side, each an invocation that may be struck.

    Args:
        mishap: What befalls the invocation of a step.
    """

    def __init__(
        self, world: World, chronicle: Chronicle, mishap: Callable[[Step], Mishap]
    ) -> None:
        self._world, self._chronicle, self._mishap = world, chronicle, mishap

    def _anybody(self, number: int) -> Contact | None:
        contacts = self._world.all_contacts()
        return contacts[number % len(contacts)] if contacts else None

    def _edit(self, act: Callable[[], object], step: Step) -> bool:
        """Run an act that may change contacts or companies, and write down what it changed."""
        world = self._world
        before = {subject.id: subject for subject in world.all_subjects()}
        done = world.invoke(act, self._mishap(step))
        for subject in world.all_subjects():
            self._chronicle.note_ours(before.get(subject.id), subject, world.clock())
        return done
