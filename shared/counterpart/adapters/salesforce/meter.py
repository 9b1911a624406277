"""Counts what our calls cost."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from simple_salesforce.api import Salesforce
from simple_salesforce.util import Usage

from counterpart.domain.budget import BELIEVED_FOR
from counterpart.ports import ApiUsage

if TYPE_CHECKING:
    from datetime import datetime

    from requests import Response

    from counterpart.ports import Clock


class Meter:
    """The calls of this process, and the org's allowance by the last answer that is believed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told_at: datetime | None = None
        self._lock = Lock()
        self._usage = ApiUsage()

    def count(self) -> None:
        """Count a call; it costs one, be it answered or not."""
        with self._lock:
            self._usage = ApiUsage(
                calls=self._usage.calls + 1, used=self._usage.used, allowed=self._usage.allowed
            )

    def note(self, response: Response) -> None:
        """Note what Salesforce says of the allowance, if it does."""
        try:
            told = Salesforce.parse_api_usage(response.headers.get("Sforce-Limit-Info", ""))
        except ValueError:
            # A number of thousands of digits, such as no org has ever told.
            return
        usage = told.get("api-usage")
        if isinstance(usage, Usage):
            with self._lock:
                self._told_at = self._clock()
                self._usage = ApiUsage(
                    calls=self._usage.calls, used=usage.used, allowed=usage.total
                )

    def read(self) -> ApiUsage:
        """Return what has been counted so far, and told of late."""
        with self._lock:
            if self._told_at and self._clock() - self._told_at > BELIEVED_FOR:
                return ApiUsage(calls=self._usage.calls)
            return self._usage
