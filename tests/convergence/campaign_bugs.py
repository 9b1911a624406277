"""How each seeded bug of campaigns is put into the running product."""

# ruff: noqa: ANN401 - what is patched is called as the product calls it, and passes things on

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from counterpart.domain.member_pull import pull_removal
from counterpart.domain.member_status import STATUS_PULL, STATUS_PUSH, Translated
from counterpart.domain.member_steps import MemberStep
from counterpart.domain.members import Agreement
from counterpart.domain.outcomes import Reason
from counterpart.domain.policy import Changed, Verdict
from counterpart.use_cases import member_rounds
from counterpart.use_cases.member_settler import MemberSettler
from counterpart.use_cases.outsiders import Outsiders
from counterpart.use_cases.remove_members import Removals
from tests.convergence.bugs import without_overlap

if TYPE_CHECKING:
    from contextlib import ExitStack


def no_overlap_of_members(stack: ExitStack) -> None:
    """Windows of members begin where the last one ended."""
    stack.enter_context(patch("counterpart.use_cases.member_pages.lower_bound", without_overlap))


def source_status_forgotten(stack: ExitStack) -> None:
    """What stood behind a fallback there is not remembered."""

    def forgetful(*, ours: str, theirs: str) -> Agreement:
        del theirs
        return Agreement(ours=ours, theirs=ours)

    stack.enter_context(patch("counterpart.domain.member_from_row.Agreement", forgetful))


def fallback_crosses_back(stack: ExitStack) -> None:
    """Each status that came in goes out again, as what it has become here."""
    pull = {Changed.THEIRS: Verdict.SEND, Changed.BOTH_THEIRS_LATER: Verdict.SEND}
    push = {Changed.THEIRS: Verdict.SEND}
    stack.enter_context(patch.dict(STATUS_PULL, pull))
    stack.enter_context(patch.dict(STATUS_PUSH, push))


def outsiders_forgotten(stack: ExitStack) -> None:
    """Who is no contact when its row is read never becomes a member."""
    stack.enter_context(patch.object(Outsiders, "keep", lambda *_: None))


def deleted_not_kept_aside(stack: ExitStack) -> None:
    """The rows of a contact that is deleted here are left to their next change."""
    stack.enter_context(patch.object(Outsiders, "keep_those_of", lambda *_: None))


def our_status_not_sent(stack: ExitStack) -> None:
    """What was changed here alone stays here."""
    stack.enter_context(patch.dict(STATUS_PUSH, {Changed.OURS: Verdict.LEAVE}))


def nobody_looked_for(stack: ExitStack) -> None:
    """Who was kept aside, or has another row by now, is not looked for."""
    stack.enter_context(patch.object(member_rounds, "look_outside", lambda *_, **__: None))


def passing_forgotten(stack: ExitStack) -> None:
    """A value of ours that was put back is met in Salesforce as if somebody had entered it."""
    stack.enter_context(patch("counterpart.domain.editing.passed", lambda *_, **__: {}))


def passing_statuses_forgotten(stack: ExitStack) -> None:
    """A status of ours that somebody moved on from is met there as if it had been given there."""
    stack.enter_context(patch("counterpart.domain.memberships.passed", lambda *_: ()))


def removal_not_waited_with(stack: ExitStack) -> None:
    """A removal is over where nobody is found to be removed."""
    stack.enter_context(patch.object(Removals, "_not_awaited", lambda _, unfound: [*unfound]))


def removal_stays_here(stack: ExitStack) -> None:
    """Who was removed here is forgotten, and remains a member there."""

    def forget(self: Any, members: Any, _: Any) -> None:
        self._ports.members.delete_many(members)

    stack.enter_context(patch.object(Removals, "remove", forget))


def unlinked_not_told(stack: ExitStack) -> None:
    """Who is not in Salesforce yet waits without a reason."""
    stack.enter_context(patch.object(MemberSettler, "skip", lambda *_: None))


def every_status_known(stack: ExitStack) -> None:
    """Each status counts as one that Salesforce has, and is not read back."""

    def hopeful(ours: str, **_: Any) -> Translated:
        return Translated(ours, known=True)

    stack.enter_context(patch("counterpart.domain.member_push.in_theirs", hopeful))
    stack.enter_context(
        patch("counterpart.domain.settled_members._left_there", lambda push, *_: push.wanted.label)
    )


def row_followed_by_two(stack: ExitStack) -> None:
    """A row that goes over to another contact is followed by both."""

    def keep(row: Any, member: Any, ground: Any) -> Any:
        if row.deleted:
            return pull_removal(row, member, ground)
        return MemberStep(verdict=Reason.NO_CHANGE)

    stack.enter_context(patch("counterpart.use_cases.member_planner.pull_removal", keep))
