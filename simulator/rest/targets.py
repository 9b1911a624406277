"""Finds the objects that a request is about, for faults that strike by object."""

import json
import re
from contextlib import suppress

from simulator.messages import Request

_IN_PATH = re.compile(r"/(?:sobjects|composite/sobjects|composite/tree)/(\w+)")
_FROM = re.compile(r"\bfrom\s+(\w+)", re.IGNORECASE)


def objects_of(request: Request) -> set[str]:
    """Return the lower-case names of the objects that the path, query or body names."""
    found = set(_IN_PATH.findall(request.path))
    found.update(_FROM.findall(request.query.get("q", "")))
    if request.body[:1] in {b"{", b"["}:
        with suppress(ValueError):
            _walk(json.loads(request.body), found)
    return {name.lower() for name in found}


def _walk(node: object, found: set[str]) -> None:
    if isinstance(node, list):
        for one in node:
            _walk(one, found)
    elif isinstance(node, dict):
        kind = node.get("type")
        if isinstance(kind, str):
            found.add(kind)
        for name in ("object", "sObject"):
            if isinstance(node.get(name), str):
                found.add(node[name])
        for name in ("url", "query"):
            text = node.get(name)
            if isinstance(text, str):
                found.update(_IN_PATH.findall(text))
                found.update(_FROM.findall(text.replace("+", " ").replace("%20", " ")))
        for one in node.values():
            _walk(one, found)
