"""How an org is set up: what people change in Setup, and what its edition decides."""

from dataclasses import dataclass, field, fields
from typing import Any

from simulator.errors import SalesforceError

DUPLICATE_RULES = ("off", "alert", "block")
LOCK_SCOPES = ("batch", "row", "off")
# What an entry of a list of objects has to say.
ENTRIES = {
    "automation": ("object",),
    "list_views": ("object", "developerName", "label"),
    "reports": ("object", "name"),
    "validation_rules": ("object", "when", "message"),
}
FIELD_NAMES = ("hide_fields", "read_only_fields", "delete_fields")
DEFAULT_DAILY_LIMIT = 100_000


@dataclass(kw_only=True)
class Features:
    """The switches of an org; every one can be set over the control plane."""

    # Fields that the integration user may not see, as Object.Field.
    hide_fields: list[str] = field(default_factory=list)
    # Fields that the integration user may see and not write.
    read_only_fields: list[str] = field(default_factory=list)
    # Fields that an administrator deleted, and fields that have another name now.
    delete_fields: list[str] = field(default_factory=list)
    rename_fields: dict[str, str] = field(default_factory=dict)
    # Objects that the integration user may not see.
    hide_objects: list[str] = field(default_factory=list)
    duplicate_rule: str = "off"
    person_accounts: bool = False
    marketing_user: bool = True
    multi_currency: bool = False
    # Whether CreatedDate and LastModifiedDate may be given when a record is created.
    audit_fields: bool = False
    automation: list[dict[str, Any]] = field(default_factory=list)
    validation_rules: list[dict[str, Any]] = field(default_factory=list)
    # Whether the lead assignment rule is active; it gives leads to the second user.
    assignment_rules: bool = True
    list_views: list[dict[str, Any]] = field(default_factory=list)
    reports: list[dict[str, Any]] = field(default_factory=list)
    # Whether campaign member statuses can be created over the API.
    create_member_statuses: bool = True
    daily_limit: int = DEFAULT_DAILY_LIMIT
    session_timeout_s: float = 7200
    # The largest page of a query; below 200 it is what wide rows do in a real org.
    page_size: int = 2000
    # Writes are refused, reads go on.
    maintenance: bool = False
    # What a lock clash fails: the whole chunk of 200, its own row, or nothing, requests waiting
    # for one another instead.
    lock_scope: str = "batch"
    # How long a bulk job is worked on, in the org's time.
    bulk_delay_s: float = 0.0
    # A bulk ingest job ends after so many rows and leaves the rest unprocessed; 0 is never.
    bulk_fail_after_rows: int = 0

    def change(self, wanted: dict[str, Any]) -> None:
        """Set some switches, or none if one of them is wrong."""
        known = {item.name: item for item in fields(self)}
        for name, value in wanted.items():
            if name not in known:
                raise SalesforceError(
                    "INVALID_FIELD", f"No feature {name}; there are {', '.join(sorted(known))}."
                )
            self._check(name, value)
        for name, value in wanted.items():
            usual = getattr(self, name)
            setattr(self, name, type(usual)(value))

    def _check(self, name: str, value: object) -> None:
        usual = getattr(self, name)
        number = isinstance(usual, int | float) and not isinstance(usual, bool)
        right = (
            isinstance(value, int | float) and not isinstance(value, bool)
            if number
            else isinstance(value, type(usual))
        )
        if not right:
            raise SalesforceError(
                "INVALID_FIELD", f"The feature {name} takes a {type(usual).__name__}."
            )
        self._check_entries(name, value)
        choices = {"duplicate_rule": DUPLICATE_RULES, "lock_scope": LOCK_SCOPES}.get(name)
        if choices is not None and value not in choices:
            raise SalesforceError(
                "INVALID_FIELD", f"The feature {name} is one of {', '.join(choices)}."
            )

    @staticmethod
    def _check_entries(name: str, value: object) -> None:
        """Refuse an entry of a list that lacks what makes it one."""
        for entry in value if isinstance(value, list) else []:
            needed = ENTRIES.get(name)
            if needed is None:
                right = isinstance(entry, str) and (name not in FIELD_NAMES or "." in entry)
                wanted = "Object.Field" if name in FIELD_NAMES else "a name"
            else:
                right = isinstance(entry, dict) and all(
                    isinstance(entry.get(key), str) for key in needed
                )
                wanted = f"an object with {', '.join(needed)}"
            if not right:
                raise SalesforceError(
                    "INVALID_FIELD", f"Each entry of the feature {name} is {wanted}."
                )

    def as_dict(self) -> dict[str, Any]:
        """Return every switch as it stands."""
        return {item.name: getattr(self, item.name) for item in fields(self)}
