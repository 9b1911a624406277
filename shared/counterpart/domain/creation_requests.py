"""Requests to create a contact in Salesforce, and what went out for them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from counterpart.domain.values import Value


class CreateAs(StrEnum):
    """What a new contact becomes in Salesforce."""

    LEAD = "lead"
    CONTACT = "contact"


class AccountWish(StrEnum):
    """Which Account a new Contact belongs to."""

    NONE = "none"
    # The one of its domain, if there is one.
    FIND = "find"
    # The one of its domain, made if there is none.
    FIND_OR_MAKE = "find_or_make"
    # One of its own.
    MAKE = "make"


@dataclass(frozen=True, kw_only=True, slots=True)
class CreationRequest:
    """Somebody asked for this contact to be created in Salesforce.

    What it becomes and which Account it wants is settled by the settings of that moment.

    Attributes:
        create_as: Overrides the setting, if given.
        account: Overrides the settings, if given.
        refusal: Why it was parked, in Salesforce's words, if it was.
    """

    requested_at: datetime
    create_as: CreateAs | None = None
    account: AccountWish | None = None
    refusal: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """What went out to make a record of a contact, written down before it went.

    Attributes:
        values: By our field names, each value that a try has sent; any of these tries may have
            taken effect.
        at: When the last of them began, by our clock.
    """

    values: Mapping[str, tuple[Value, ...]]
    at: datetime
