"""E-mail addresses: how two of them are compared, and which are none."""

from __future__ import annotations

import re
import unicodedata

# RFC 5321, section 4.5.3.1: 64 octets before the @, 254 in all; Salesforce's Email holds 80.
_LONGEST = 254
_ADDRESS = re.compile(
    r"[^\s@<>()\[\]\\,;:\"]{1,64}@(?:[^\s@<>()\[\]\\,;:\"._-](?:[^\s@<>()\[\]\\,;:\"._]{0,62})\.)+"
    r"[^\W\d_](?:[\w-]*\w)"
)


def email_key(email: str | None) -> str | None:
    """Return the form in which addresses are compared: trimmed, composed (NFC) and case-folded.

    Plus-tags and dots are kept: only the address's owner knows whether they mean anything.
    """
    if email is None:
        return None
    return unicodedata.normalize("NFC", email).strip().casefold() or None


def is_email(text: str) -> bool:
    """Return whether *text* could be delivered to: one address with a dotted domain."""
    return len(text) <= _LONGEST and ".." not in text and _ADDRESS.fullmatch(text) is not None


def is_address(value: object) -> bool:
    """Return whether a value, blank or not even a text, is an address."""
    return isinstance(value, str) and is_email(value)


def domain_of(email: str) -> str:
    """Return what stands after the last `@`, in lower case."""
    return email.rpartition("@")[2].lower()
