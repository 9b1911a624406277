"""The types of Salesforce's fields, and which of ours can hold what they hold."""

from __future__ import annotations

from counterpart.domain.values import FieldType

# A field of this Salesforce type (describe, `type`) fits best into a field of ours of that type.
# Compound types are left out, since their parts are fields by themselves, and so are files.
BEST = {
    "string": FieldType.STRING,
    "id": FieldType.STRING,
    "reference": FieldType.STRING,
    "encryptedstring": FieldType.STRING,
    "time": FieldType.STRING,
    "textarea": FieldType.TEXT,
    "int": FieldType.NUMBER,
    "long": FieldType.NUMBER,
    "double": FieldType.NUMBER,
    "currency": FieldType.NUMBER,
    "percent": FieldType.NUMBER,
    "boolean": FieldType.BOOLEAN,
    "date": FieldType.DATE,
    "datetime": FieldType.DATETIME,
    "email": FieldType.EMAIL,
    "phone": FieldType.PHONE,
    "url": FieldType.URL,
    "picklist": FieldType.ENUM,
    "combobox": FieldType.ENUM,
    "multipicklist": FieldType.MULTI_ENUM,
}

COMPOUND = frozenset({"address", "location"})

# Every value of these is a text, and any text of ours is theirs as far as its form and length go.
_TEXTUAL = frozenset(
    kind
    for kind, ours in BEST.items()
    if ours not in {FieldType.NUMBER, FieldType.BOOLEAN, FieldType.DATE, FieldType.DATETIME}
)
_NUMERIC = frozenset(kind for kind, ours in BEST.items() if ours is FieldType.NUMBER)

# (ours) → the Salesforce types that it can be read from, and, where our user may, written to.
FITS = {
    **dict.fromkeys((FieldType.STRING, FieldType.TEXT), _TEXTUAL | _NUMERIC | {"date", "datetime"}),
    **dict.fromkeys((FieldType.EMAIL, FieldType.PHONE, FieldType.URL), _TEXTUAL),
    # A choice among numbers is one of their texts.
    FieldType.ENUM: _TEXTUAL | _NUMERIC,
    FieldType.NUMBER: _NUMERIC,
    FieldType.BOOLEAN: frozenset({"boolean"}),
    # By the time zone of the settings (`domain/days.py`). A text that is no date stays there.
    FieldType.DATE: frozenset({"date", "datetime", "string"}),
    FieldType.DATETIME: frozenset({"datetime", "date"}),
    FieldType.MULTI_ENUM: frozenset({"multipicklist", "picklist", "string", "textarea"}),
}
