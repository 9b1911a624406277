"""Findings: what a preflight tells, one thing each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

PERMISSION_SET = "Counterpart Integration"
OBJECT_SETTINGS = f"Setup > Permission Sets > {PERMISSION_SET} > Object Settings"


class Status(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        check: What was looked at, such as `permissions.Lead`.
        message: What was found.
        fix: What to do, in the words of Salesforce's Setup; empty if nothing.
    """

    check: str
    status: Status
    message: str
    fix: str = ""

    def answer(self) -> dict[str, str]:
        """Return it as JSON."""
        return {
            "check": self.check,
            "status": self.status.value,
            "message": self.message,
            "fix": self.fix,
        }
