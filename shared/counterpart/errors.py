"""Everything that can go wrong, in families named for what the caller does.

CounterpartError
├── TransientError              try again later; nothing is wrong with the record
│   ├── ThrottledError          Salesforce asked us to slow down
│   ├── ChangedMeanwhileError   somebody else wrote the item first
│   └── LeaseLostError          another run has taken the stream over
├── RecordError                 set this record aside, go on with its neighbours
│   └── RefusedError            Salesforce refused it, in its own words
├── HaltError                   stop, call a person
│   ├── AuthenticationError     Salesforce does not accept our credentials
│   ├── QuotaExhaustedError     the org's daily API allowance is spent
│   ├── MissingFieldError       a query names a field that this org does not show us
│   └── ConfigurationError      the deployment itself is incomplete
└── InputError                  the request is wrong; its sender can mend it
    ├── UnknownKeyError         it has a key that nothing is known by
    ├── NotFoundError           it names something that does not exist
    ├── StaleVersionError       it builds on a version that is no longer the newest
    └── ConflictError           it clashes with what is stored; its sender has to choose
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class CounterpartError(Exception):
    """The root of every error that crosses a floor of this house."""


class TransientError(CounterpartError):
    """Trying again later may succeed."""


class ThrottledError(TransientError):
    """Salesforce asked us to slow down."""


class ChangedMeanwhileError(TransientError):
    """The stored item is not the version that the decision was made on."""


class LeaseLostError(TransientError):
    """The lease on a stream is held by a later run."""


class RecordError(CounterpartError):
    """One record cannot be handled; its neighbours can."""


class RefusedError(RecordError):
    """Salesforce refused one record.

    Args:
        code: Salesforce's status code, such as `STRING_TOO_LONG`.
        message: Salesforce's own words.
        fields: API names of the fields that Salesforce blames, if it names any.
    """

    def __init__(self, *, code: str, message: str, fields: Sequence[str] = ()) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.fields = tuple(fields)


class HaltError(CounterpartError):
    """Going on would do harm or is pointless until a person has acted."""


class AuthenticationError(HaltError):
    """Salesforce does not accept our credentials."""


class QuotaExhaustedError(HaltError):
    """The org's daily API allowance is spent."""


class MissingFieldError(HaltError):
    """A query names a field or object that does not exist, or is hidden from our user.

    Or it selects by a field in a way that Salesforce does not take, or does not any more.

    Args:
        message: Salesforce's own words.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ConfigurationError(HaltError):
    """The deployment lacks something that only its owner can supply."""


class InputError(CounterpartError):
    """The request is wrong in a way that its sender can mend.

    Args:
        detail: One sentence that says what is wrong and what is allowed.
        field: Where in the request, as a dotted path; empty for the whole of it.
    """

    def __init__(self, detail: str, *, field: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field


class UnknownKeyError(InputError):
    """The request has a key that nothing is known by, and that may be any words of its sender."""


class NotFoundError(InputError):
    """The request names something that does not exist."""


class StaleVersionError(InputError):
    """The request builds on a version that is no longer the newest."""


class ConflictError(InputError):
    """The request clashes with what is stored; its sender has to choose."""
