"""The mapping that is measured: 22 fields of a Contact, as many as a careful team maps."""

from __future__ import annotations

from dataclasses import replace

from counterpart.domain.mapping import FieldMapping, Mode
from counterpart.domain.records import SObject
from counterpart.domain.standard_fields import CONTACT_FIELDS
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.values import FieldType


def _more(name: str, path: str, kind: FieldType = FieldType.STRING) -> FieldMapping:
    return FieldMapping(
        name=name, type=kind, mode=Mode.PREFER_SALESFORCE, paths={SObject.CONTACT: path}
    )


# Edits made here have to go out although Salesforce holds a value already.
_BOTH_WAYS = {"job_title", "phone"}

FIELDS = (
    *(
        replace(mapping, mode=Mode.TWO_WAY) if mapping.name in _BOTH_WAYS else mapping
        for mapping in CONTACT_FIELDS
    ),
    _more("department", "Department"),
    _more("home_phone", "HomePhone", FieldType.PHONE),
    _more("fax", "Fax", FieldType.PHONE),
    _more("birthdate", "Birthdate", FieldType.DATE),
    _more("notes", "Description", FieldType.TEXT),
    _more("assistant", "AssistantName"),
    _more("second_city", "OtherCity"),
    _more("do_not_call", "DoNotCall", FieldType.BOOLEAN),
)

SETTINGS = SyncSettings(version=1, fields=FIELDS)
