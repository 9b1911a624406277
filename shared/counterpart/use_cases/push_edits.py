"""Push: our edits go out, when enough wait or one has waited long enough.

The look each minute also finds creation requests whose job got lost, and sends it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.budget import Budget
from counterpart.domain.outbound_settings import Pace
from counterpart.domain.outcomes import RunStatus
from counterpart.errors import HaltError, QuotaExhaustedError, TransientError
from counterpart.use_cases.lost_requests import resend_lost_requests
from counterpart.use_cases.places import placed
from counterpart.use_cases.push_guard import PushGuard
from counterpart.use_cases.push_look import PushLook
from counterpart.use_cases.push_report import report_of
from counterpart.use_cases.push_rounds import push_rounds
from counterpart.use_cases.reports import Report, how_many
from counterpart.use_cases.stream_holds import told_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from counterpart.domain.requests import PushRequest
    from counterpart.use_cases.push_ports import PushPorts


def push_edits(
    request: PushRequest, *, ports: PushPorts, time_left: Callable[[], timedelta]
) -> Report:
    """Send out what waits, and report what became of it.

    Args:
        request: What to push, and whether it has to be enough of it.
        ports: The world.
        time_left: How long this invocation may still take.

    Raises:
        HaltError: a person is needed; what waits goes on waiting.
    """
    look = PushLook(request, ports, time_left)
    try:
        _look(look)
    except QuotaExhaustedError as exc:
        look.status, look.more = RunStatus.BUDGET, True
        look.error = str(exc)
    except (TransientError, HaltError) as exc:
        look.status, look.more = RunStatus.FAILED, True
        look.error = str(exc)
        if isinstance(exc, HaltError):
            _record(look, report_of(look))
            raise
    finally:
        if look.book.lease:
            look.ports.streams.release(look.book.lease)
    report = report_of(look)
    _record(look, report)
    return report


def _look(look: PushLook) -> None:
    if not look.request.dry_run and not look.is_stopped:
        # With nothing left to spend, a request is kept best where it is.
        sent = resend_lost_requests(
            contacts=look.ports.pages.contacts, queue=look.ports.queue, now=look.clock()
        )
        if sent:
            look.remark(f"Sent {how_many(sent, 'creation request')} again: no job had come.")
    if look.is_off():
        return
    if look.request.contact_ids:
        if look.budget() is not Budget.STOPPED:
            look.people.push(look.request.contact_ids)
            look.budget()
    elif not look.request.scheduled or _is_ready(look):
        _push_waiting(look)


def _is_ready(look: PushLook) -> bool:
    outbound, now = look.settings.outbound, look.clock()
    return (
        outbound.pace is Pace.NEAR_REAL_TIME
        or look.has_jobs()
        # Whoever was held may have gone by another way; then a yes to it must not live on.
        or look.book.hold is not None
        or any(kind.line.is_ready(outbound, now=now) for kind in look.kinds)
    )


def _push_waiting(look: PushLook) -> None:
    if not look.request.dry_run and not look.acquire():
        look.remark("Another push is under way; it takes what waits along.")
        return
    guard = PushGuard(
        look.book,
        reader=look.ports.pages.salesforce,
        settings=placed(look.settings, look.ports.pages.salesforce),
        keep=look.renew,
        dry_run=look.request.dry_run,
    )
    push_rounds(look, guard)
    if not look.has_time():
        # Nobody goes any more, but what was counted may be too much already.
        guard.judge(now=look.clock(), complete=False)
    _tell_of(look, guard)


def _tell_of(look: PushLook, guard: PushGuard) -> None:
    """Tell who has to wait for somebody's yes, because too many would be blanked at once."""
    number = guard.waiting
    if not number:
        return
    look.more = True
    hold = look.book.hold
    if hold is None or hold.approved:
        look.remark(f"{how_many(number, 'edit')} that blank something wait to be counted.")
        return
    if look.request.dry_run:
        look.remark(f"{how_many(number, 'edit')} would be held: too many would blank something.")
        return
    look.hold = hold
    look.remark(f"Held: {hold.id} needs a yes; {how_many(number, 'edit')} wait.")
    if hold.looked_at >= look.started_at:
        # It is told by the look that judged it, not by each that finds it.
        look.notes.outcomes += told_of([hold], look.settings.guard)


def _record(look: PushLook, report: Report) -> None:
    """Keep the run for the list, unless it was a look that found nothing to do."""
    if look.request.dry_run:
        return
    worth_it = report.counts or report.outcomes or report.error or report.found_no_calls
    if worth_it or not look.request.scheduled:
        look.ports.runs.record(report.run(), look.notes.fresh())
