"""Looks an org over: what our user may do there, and what stands in the way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from counterpart.adapters.salesforce.schema import describe_path, understood
from counterpart.errors import ConfigurationError, HaltError, MissingFieldError
from counterpart.ports import ApiUsage, ObjectFacts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from counterpart.adapters.salesforce.client import SalesforceClient

_ENCRYPTED = "encryptedstring"
# Of whoever asks, as all of its profile and permission sets come to.
_SEES_ENCRYPTED = "SELECT PermissionsViewEncryptedData FROM UserPermissionAccess"
_RULES = "SELECT SobjectType, MasterLabel FROM DuplicateRule WHERE IsActive = true"


class SalesforceSurvey:
    """Asks `describe`, `limits` and the set-up objects, anew each time."""

    def __init__(self, client: SalesforceClient) -> None:
        self._client = client

    def allowance(self) -> ApiUsage:
        told = self._client.get("limits")
        daily = told.get("DailyApiRequests", {}) if isinstance(told, dict) else {}
        allowed = int(daily.get("Max", 0))
        used = allowed - int(daily.get("Remaining", 0))
        return ApiUsage(calls=self._client.meter.read().calls, used=used, allowed=allowed)

    def object(self, name: str) -> ObjectFacts | None:
        try:
            told = self._client.get(describe_path(name))
        except (ConfigurationError, MissingFieldError):
            return None
        facts = understood(told, name)
        encrypted = {path: one for path, one in facts.fields.items() if one.type == _ENCRYPTED}
        if not encrypted or self._sees_encrypted():
            return facts
        masked = {path: replace(one, masked=True) for path, one in encrypted.items()}
        return replace(facts, fields={**facts.fields, **masked})

    def duplicate_rules(self) -> Sequence[tuple[str, str]] | None:
        rules = self._rows(_RULES)
        if rules is None:
            return None
        return [(str(row["SobjectType"]), str(row["MasterLabel"])) for row in rules]

    def _sees_encrypted(self) -> bool:
        """Return whether our user is known to see what is encrypted."""
        rights = self._rows(_SEES_ENCRYPTED) or ()
        return any(row.get("PermissionsViewEncryptedData") is True for row in rights)

    def _rows(self, query: str) -> Sequence[Mapping[str, Any]] | None:
        """Return what a query of few rows is answered with; `None` if it is not for our user."""
        try:
            told = self._client.get(f"query/?{urlencode({'q': query})}")
        except HaltError:
            # Set-up objects are shown to administrators alone.
            return None
        return told.get("records", []) if isinstance(told, dict) else []
