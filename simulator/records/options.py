"""How a write was asked for."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class WriteOptions:
    """What the headers of a request say about its writes."""

    user_id: str
    # True runs the active assignment rules, False none; a rule's id runs that rule.
    auto_assign: bool | str = True
    allow_duplicates: bool = False
    duplicate_details: bool = False
    request_number: int | None = None
    transaction: str | None = None
