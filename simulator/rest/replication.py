"""getUpdated and getDeleted: ids only, to the minute, held back by open transactions."""

from datetime import UTC, datetime, timedelta

from simulator.clock import parse_stamp, stamp
from simulator.errors import SalesforceError
from simulator.messages import Response, answer
from simulator.rest.call import Call
from simulator.rest.router import Route
from simulator.schema import ObjectType

UPDATED_DAYS, DELETED_DAYS = 30, 15
MOST_IDS = 600_000


def updated(call: Call, name: str) -> Response:
    """Answer the ids of the records that changed between two minutes, both included."""
    kind = _replicated(call, name)
    start, end = _span(call, UPDATED_DAYS)
    # Rows that changed in the last minute of the span belong to it.
    after = stamp(end + timedelta(minutes=1))
    living = " AND IsDeleted = 0" if kind.has("IsDeleted") else ""
    ids = call.org.store.ids(
        kind, f"SystemModstamp >= ? AND SystemModstamp < ?{living}", [stamp(start), after]
    )
    _check_count(ids)
    return answer({"ids": ids, "latestDateCovered": _covered(call, end)})


def deleted(call: Call, name: str) -> Response:
    """Answer the ids of the records that were deleted between two minutes."""
    kind = _replicated(call, name)
    start, end = _span(call, DELETED_DAYS)
    bounds = [stamp(start), stamp(end + timedelta(minutes=1))]
    found = call.org.store.deletions(kind, bounds[0], bounds[1])
    _check_count(found)
    return answer(
        {
            "deletedRecords": [{"id": one, "deletedDate": at} for one, at in found],
            "earliestDateAvailable": call.org.clock.stamp_before(days=DELETED_DAYS),
            "latestDateCovered": _covered(call, end),
        }
    )


def _replicated(call: Call, name: str) -> ObjectType:
    kind = call.org.kind(name)
    if not kind.flags["replicateable"]:
        raise SalesforceError("INVALID_TYPE", f"{kind.name} is not replicable")
    return kind


def _span(call: Call, days: int) -> tuple[datetime, datetime]:
    start, end = _moment(call, "start"), _moment(call, "end")
    start, end = (one.replace(second=0, microsecond=0) for one in (start, end))
    if end - start < timedelta(minutes=1):
        raise _bad_date("startDate has to be more than one minute before endDate")
    now = call.org.clock.now()
    if start < now - timedelta(days=days):
        raise _bad_date(f"startDate cannot be more than {days} days ago")
    return start, end


def _moment(call: Call, name: str) -> datetime:
    # A plus sign that was not encoded has come to be a space.
    text = call.request.query.get(name, "").replace(" ", "+")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as exc:
        raise _bad_date(f"{name} is no date and time: {text}") from exc
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _covered(call: Call, end: datetime) -> str:
    """Return until when nothing can be missing: an open transaction may still add to it."""
    now = call.org.clock.stamp()
    latest = min(parse_stamp(now), end)
    oldest = call.org.transactions.oldest()
    if oldest is not None:
        latest = min(latest, parse_stamp(oldest))
    return stamp(latest)


def _check_count(found: list[str] | list[tuple[str, str]]) -> None:
    if len(found) > MOST_IDS:
        raise SalesforceError("EXCEEDED_ID_LIMIT", f"More than {MOST_IDS} ids; narrow the span")


def _bad_date(message: str) -> SalesforceError:
    return SalesforceError("INVALID_REPLICATION_DATE", message)


ROUTES = (
    Route(method="GET", path="/sobjects/{name}/updated", resource=updated, kind="get_updated"),
    Route(method="GET", path="/sobjects/{name}/deleted", resource=deleted, kind="get_deleted"),
)
