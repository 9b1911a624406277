"""Websites and e-mail domains: what host is meant, and whose it is."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}")
# The name of a machine, unless it is all that stands before the top-level domain.
_WWW = re.compile(r"^(?:www\.)+(?=[^.]+\.)")
_LONGEST_HOST = 253


def spellings(host: str) -> tuple[str, ...]:
    """Return a host as it may stand in a website: in ASCII, and in its own script if it has one."""
    try:
        own = host.encode("ascii").decode("idna")
    except UnicodeError:
        return (host,)
    return (host,) if own == host else (host, own)


def host_of(website: str) -> str | None:
    """Return the host that a website, as people write it, names; `None` if it names none.

    Scheme, user, port, path, a leading `www.`, a trailing dot and capitals do not matter; names in
    other scripts come out in their ASCII form (IDNA).
    """
    text = website.strip()
    if not text:
        return None
    try:
        host = urlsplit(text if _SCHEME.match(text) else f"//{text.lstrip('/')}").hostname or ""
        host = host.rstrip(".").encode("idna").decode("ascii").lower()
    except (ValueError, UnicodeError):
        return None
    host = _WWW.sub("", host)
    return host if len(host) <= _LONGEST_HOST and _HOST.fullmatch(host) else None
