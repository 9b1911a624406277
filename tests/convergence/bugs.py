"""How each seeded bug is put into the running product, for as long as a stack is open."""

# ruff: noqa: ANN401 - what is patched is called as the product calls it, and passes things on

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from counterpart.adapters import memory_creating
from counterpart.adapters.memory import (
    InMemoryContactRepository,
    InMemoryStreamRepository,
)
from counterpart.adapters.memory_salesforce import InMemorySalesforce
from counterpart.domain import gone_rows, lost_rows, merging, opt_outs, policy
from counterpart.domain.heirs import heir_of
from counterpart.domain.lost_rows import LostRows
from counterpart.domain.mapping import Mode
from counterpart.domain.openings import is_paused
from counterpart.domain.waiting import Lane
from counterpart.domain.windows import lower_bound
from counterpart.ports import LookUp, RowAnswer
from counterpart.use_cases.existing_records import ExistingRecords
from counterpart.use_cases.further_refusals import FurtherRefusals
from counterpart.use_cases.job_rows import JobRows
from counterpart.use_cases.join_companies import Joined
from counterpart.use_cases.opportunity_streams import OpportunitySource
from counterpart.use_cases.row_writer import RowWriter
from counterpart.use_cases.swept_opportunities import SweptOpportunities

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import ExitStack

_LATER = timedelta(hours=1)


def without_overlap(**given: Any) -> Any:
    """Return where a window begins if none overlaps the last one."""
    return lower_bound(**given | {"overlap": given["overlap"] * 0})


def no_overlap(stack: ExitStack) -> None:
    """Windows begin where the last one ended."""
    stack.enter_context(patch("counterpart.use_cases.page_turner.lower_bound", without_overlap))


def watermark_early(stack: ExitStack) -> None:
    """A window counts as read once its first page is."""
    save = InMemoryStreamRepository.save

    def early(self: Any, state: Any, lease: Any) -> None:
        done = {name: replace(one, finished=True) for name, one in state.progress.items()}
        save(self, replace(state, watermark=state.upper or state.watermark, progress=done), lease)

    stack.enter_context(patch.object(InMemoryStreamRepository, "save", early))


def row_failure_ignored(stack: ExitStack) -> None:
    """A refused row counts as written."""
    update = InMemorySalesforce.update

    def deaf(self: Any, changes: Any) -> Any:
        answer = update(self, changes)
        return replace(answer, rows=[RowAnswer(record_id="said") for _ in answer.rows])

    stack.enter_context(patch.object(InMemorySalesforce, "update", deaf))


def shadow_dropped(stack: ExitStack) -> None:
    """What Salesforce holds is not remembered."""
    merge_record = merging.merge_record

    def forgetful(ledger: Any, *given: Any, **named: Any) -> Any:
        merge = merge_record(ledger, *given, **named)
        return replace(merge, ledger=replace(merge.ledger, shadows=ledger.shadows))

    stack.enter_context(patch("counterpart.domain.row_values.merge_record", forgetful))


def settled_before_written(stack: ExitStack) -> None:
    """Edits stop waiting before Salesforce has taken them."""
    write = RowWriter.write

    def hasty(self: Any, rows: Any, **named: Any) -> Any:
        self._settler.written(rows, until=self._clock())
        return write(self, rows, **named)

    stack.enter_context(patch.object(RowWriter, "write", hasty))


def opt_out_stays_there(stack: ExitStack) -> None:
    """A refusal to be mailed does not come in."""
    never = {Mode.RESTRICTIVE_WINS: policy.PULL[Mode.ALWAYS_OURS]}
    stack.enter_context(patch.dict(policy.PULL, never))


def conversion_ignored(stack: ExitStack) -> None:
    """A converted lead counts as deleted."""
    _without_heirs(stack, lambda record: record.conversion is not None)


def merge_ignored(stack: ExitStack) -> None:
    """The loser of a merge counts as deleted."""
    _without_heirs(stack, lambda record: record.master_id is not None)


def _without_heirs(stack: ExitStack, blind_to: Any) -> None:
    def childless(record: Any, rows: Any, **named: Any) -> Any:
        return None if blind_to(record) else heir_of(record, rows, **named)

    for room in (gone_rows, lost_rows):
        stack.enter_context(patch.object(room, "heir_of", childless))


def found_and_kept(stack: ExitStack) -> None:
    """A record that was found for somebody is not let go, whomever they have met since."""
    stack.enter_context(patch.object(ExistingRecords, "let_go", lambda *_, **__: None))


def created_anew(stack: ExitStack) -> None:
    """Records are inserted, not upserted under our id, and nobody looks what is there."""
    insert = memory_creating.upserted

    def inserted(org: Any, *given: Any, **named: Any) -> Any:
        with patch.object(org, "by_external_id", lambda *_: None):
            return insert(org, *given, **named)

    def blind(*_: Any, **__: Any) -> LookUp:
        return LookUp(people=[], accounts=[])

    stack.enter_context(patch.object(InMemorySalesforce, "look_up", blind))
    stack.enter_context(patch.object(memory_creating, "upserted", inserted))


def dated_by_arrival(stack: ExitStack) -> None:
    """A value that comes in bears the time of the pull, not of the edit."""
    merge_record = merging.merge_record

    def late(ledger: Any, *given: Any, **named: Any) -> Any:
        merge = merge_record(ledger, *given, **named)
        times = {
            name: at if ledger.times.get(name) == at else at + _LATER
            for name, at in merge.ledger.times.items()
        }
        return replace(merge, ledger=replace(merge.ledger, times=times))

    stack.enter_context(patch("counterpart.domain.row_values.merge_record", late))


def deletion_ignored(stack: ExitStack) -> None:
    """A record that was deleted goes on being somebody's counterpart."""
    stack.enter_context(patch.object(LostRows, "lose", lambda *_, **__: None))


def deleted_comes_back(stack: ExitStack) -> None:
    """A record may bring the contact back that was deleted here."""
    stack.enter_context(
        patch("counterpart.use_cases.delete_contact._keep_outside", lambda *_, **__: False)
    )


def put_off_forgotten(stack: ExitStack) -> None:
    """What failed in passing is never tried again."""
    waiting = InMemoryContactRepository.waiting

    def forgetful(self: Any, lane: Any, **given: Any) -> Any:
        return [] if lane is Lane.RETRY else waiting(self, lane, **given)

    stack.enter_context(patch.object(InMemoryContactRepository, "waiting", forgetful))


def request_not_sent_again(stack: ExitStack) -> None:
    """Nobody misses a job that never came."""
    stack.enter_context(
        patch("counterpart.use_cases.push_edits.resend_lost_requests", lambda **_: 0)
    )


def merged_record_forgotten(stack: ExitStack) -> None:
    """What a further record of a merged contact brings is not heard."""
    stack.enter_context(
        patch("counterpart.domain.live_rows.with_secondary", lambda subject, *_, **__: subject)
    )


def refusal_kept_from_further_records(stack: ExitStack) -> None:
    """Only the counterpart learns of a refusal, no further record of a merged contact."""

    def tell(_: object, subjects: Sequence[object], *__: object, **___: object) -> list[object]:
        return list(subjects)

    stack.enter_context(patch.object(FurtherRefusals, "tell", tell))


def pause_is_deaf(stack: ExitStack) -> None:
    """Edits go out although somebody took the tag of the contact away."""
    for user in ("domain.openings", "use_cases.push_batch"):
        stack.enter_context(patch(f"counterpart.{user}.is_paused", lambda _: False))


def pause_keeps_refusals(stack: ExitStack) -> None:
    """A refusal stays here, as every other edit of a paused contact does."""
    owes = opt_outs.owes_opt_out

    def free(subject: Any, settings: Any) -> bool:
        return not is_paused(subject) and owes(subject, settings)

    stack.enter_context(patch("counterpart.use_cases.push_batch.owes_opt_out", free))


def opt_in_stays_here(stack: ExitStack) -> None:
    """What somebody opted in again does not lift the refusal that Salesforce holds."""
    for user in ("pull_judgements", "push_judgements"):
        stack.enter_context(patch(f"counterpart.domain.{user}.lifted", lambda *_, **__: False))


def guard_asleep(stack: ExitStack) -> None:
    """Nothing is ever too much."""
    stack.enter_context(
        patch("counterpart.use_cases.guarded_pages.is_too_much", lambda *_, **__: False)
    )


def job_unsettled(stack: ExitStack) -> None:
    """A job that has ended is struck out, and what became of its rows is not looked at."""
    stack.enter_context(patch.object(JobRows, "settle", lambda *_, **__: []))


def roles_forgotten(stack: ExitStack) -> None:
    """What people have a part in is not read."""
    stack.enter_context(patch.object(OpportunitySource, "_store_roles", lambda *_, **__: []))


def erased_deals_stay(stack: ExitStack) -> None:
    """The nightly sweep looks for records alone."""
    blind: Any = lambda *_: iter(())  # noqa: E731 - one word of code
    stack.enter_context(patch.object(SweptOpportunities, "look", blind))


def insistence_ignored(stack: ExitStack) -> None:
    """Whoever takes ours over what the mode protects is not heard."""
    stack.enter_context(patch("counterpart.domain.push_judgements.goes_out", lambda _: False))


def latecomers_left(stack: ExitStack) -> None:
    """Whoever came before the Account is left without its company."""
    left = Joined(contacts=0, finished=True)
    stack.enter_context(
        patch("counterpart.use_cases.apply_page.join_companies", lambda *_, **__: left)
    )


def companies_unmarked(stack: ExitStack) -> None:
    """Whoever edits a company does not let it wait for a push."""
    stack.enter_context(patch("counterpart.domain.company_editing._wants_out", lambda *_: False))
