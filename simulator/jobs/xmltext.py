"""The XML of Bulk API 1."""

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from simulator.errors import SalesforceError

NAMESPACE = "http://www.force.com/2009/06/asyncapi/dataload"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


def read_fields(body: bytes) -> dict[str, str]:
    """Return the children of the root element as a dictionary."""
    return {_plain(child.tag): (child.text or "").strip() for child in _parsed(body)}


def read_records(body: bytes) -> list[dict[str, Any]]:
    """Return the records of an XML batch; an element that is nil clears its field."""
    return [_record(node) for node in _parsed(body) if _plain(node.tag) == "sObject"]


def _record(node: ET.Element) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for child in node:
        nil = next((value for name, value in child.attrib.items() if name.endswith("nil")), "")
        name = _plain(child.tag)
        if nil == "true":
            record[name] = None
        elif len(child):
            record[name] = (
                _record(child[0]) if _plain(child[0].tag) == "sObject" else _record(child)
            )
        elif child.text:
            record[name] = child.text
    return record


def _parsed(body: bytes) -> ET.Element:
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise SalesforceError("InvalidBatch", "Document types are not taken.")
    try:
        return ET.fromstring(body)  # noqa: S314 - document types are refused above
    except ET.ParseError as exc:
        raise SalesforceError("InvalidBatch", f"The XML can not be read: {exc}") from exc


def _plain(tag: str) -> str:
    return tag.rpartition("}")[2]


def write_fields(root: str, fields: Mapping[str, Any]) -> str:
    """Return a flat element."""
    return f'{HEAD}<{root} xmlns="{NAMESPACE}">{_elements(fields)}</{root}>'


def write_list(root: str, each: str, entries: Sequence[Mapping[str, Any] | str]) -> str:
    """Return a list of elements."""
    inner = "".join(
        f"<{each}>{escape(one) if isinstance(one, str) else _elements(one)}</{each}>"
        for one in entries
    )
    return f'{HEAD}<{root} xmlns="{NAMESPACE}">{inner}</{root}>'


def _elements(fields: Mapping[str, Any]) -> str:
    parts = []
    for name, value in fields.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, Mapping):
                parts.append(f"<{name}>{_elements(one)}</{name}>")
            elif one is not None:
                shown = str(one).lower() if isinstance(one, bool) else str(one)
                parts.append(f"<{name}>{escape(shown)}</{name}>")
    return "".join(parts)
