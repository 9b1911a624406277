"""Composites: several requests in one call (REST API guide, "Composite")."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from counterpart.adapters.salesforce.trouble import LostAnswerError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

# Of the 25 requests in one composite, so many may be queries or collections.
MOST_PARTS = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One request within a composite. *path* follows `/services/data/vXX.X/`."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: object = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PartAnswer:
    """What came back for one part."""

    status: int
    body: object


@dataclass(frozen=True, kw_only=True, slots=True)
class CompositeAnswer:
    """What came back for each part, in order.

    Attributes:
        earliest: By Salesforce's clock, no later than the moment at which it began to work.
        latest: By Salesforce's clock, the second in which it had done its work.
    """

    parts: Sequence[PartAnswer]
    earliest: datetime
    latest: datetime


def bundle(parts: Sequence[Part], *, root: str) -> Mapping[str, object]:
    """Return the body that asks for *parts*, each of which may fail alone."""
    return {
        "allOrNone": False,
        "compositeRequest": [
            {
                "method": part.method,
                "url": root + part.path,
                "referenceId": f"part{at}",
                "httpHeaders": dict(part.headers),
            }
            | ({} if part.body is None else {"body": part.body})
            for at, part in enumerate(parts)
        ],
    }


def unbundle(body: object, parts: Sequence[Part]) -> list[PartAnswer]:
    """Return what came back for each of *parts*."""
    answers = body.get("compositeResponse") if isinstance(body, dict) else None
    if not isinstance(answers, list) or len(answers) != len(parts):
        raise LostAnswerError("the answer to a composite lacks parts")
    return [PartAnswer(status=part["httpStatusCode"], body=part["body"]) for part in answers]
