"""Conditional headers: weak, to the second, by LastModifiedDate."""

from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from simulator.clock import parse_stamp
from simulator.errors import SalesforceError
from simulator.messages import Request
from simulator.store import Row


class NotModifiedError(Exception):
    """The record has not changed since the moment that the caller gave."""


def http_date(stamp: str) -> str:
    """Return a stored stamp as HTTP writes dates."""
    return format_datetime(parse_stamp(stamp), usegmt=True)


def entity_tag(row: Row) -> str:
    """Return a tag that changes with the record."""
    return f'"{row["LastModifiedDate"]}--gzip"'.replace("+0000", "Z")


def stamps(name: str, row: Row) -> dict[str, str]:
    """Return the headers that tell when a record changed; only accounts carry a tag."""
    changed = row.get("LastModifiedDate")
    if changed is None:
        return {}
    headers = {"Last-Modified": http_date(changed)}
    return headers | {"ETag": entity_tag(row)} if name == "Account" else headers


def changed_since(stamp: str, header: str) -> bool:
    """Return whether *stamp* is later than the moment in a header."""
    moment = _moment(header)
    return moment is None or parse_stamp(stamp) > moment


def check(request: Request, row: Row) -> None:
    """Refuse a request whose conditions the record does not meet."""
    changed = row.get("LastModifiedDate")
    if changed is None:
        return
    since = request.headers.get("if-unmodified-since")
    moment = _moment(since) if since is not None else None
    if moment is not None and parse_stamp(changed) > moment:
        raise _failed()
    since = request.headers.get("if-modified-since")
    moment = _moment(since) if since is not None else None
    if moment is not None and parse_stamp(changed) <= moment:
        if request.method == "GET":
            raise NotModifiedError
        raise _failed()
    if row["Id"].startswith("001"):
        _check_tags(request, row)


def _check_tags(request: Request, row: Row) -> None:
    tag = entity_tag(row)
    wanted = request.headers.get("if-match")
    if wanted is not None and wanted.strip() != "*" and tag not in wanted:
        raise _failed()
    unwanted = request.headers.get("if-none-match")
    if unwanted is not None and (unwanted.strip() == "*" or tag in unwanted):
        if request.method == "GET":
            raise NotModifiedError
        raise _failed()


def _failed() -> SalesforceError:
    return SalesforceError(
        "MATCH_PRECONDITION_FAILED",
        "One or more of the preconditions you specified in the request headers were not met.",
    )


def _moment(header: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
