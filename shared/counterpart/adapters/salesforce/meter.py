"""Counts what our calls cost."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from simple_salesforce.api import Salesforce
from simple_salesforce.util import Usage

from counterpart.ports import ApiUsage

if TYPE_CHECKING:
    from requests import Response


class Meter:
    """The calls of this process, and the org's allowance by the last answer."""

    def __init__(self) -> None:
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
        told = Salesforce.parse_api_usage(response.headers.get("Sforce-Limit-Info", ""))
        usage = told.get("api-usage")
        if isinstance(usage, Usage):
            with self._lock:
                self._usage = ApiUsage(
                    calls=self._usage.calls, used=usage.used, allowed=usage.total
                )

    def read(self) -> ApiUsage:
        """Return what has been counted and told so far."""
        return self._usage
