"""Room: how much the values of a contact, company or member may take where we keep it.

An item holds 400 KB (DynamoDB developer guide, "Quotas"), and each value up to three times: as
ours, as what was last seen in Salesforce, and as what a job carries there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from counterpart.domain.values import Value

MOST_BYTES = 128 * 1024

# In bytes, as it is kept.
_LONGEST_CHARACTER = 4


def size_of(values: Iterable[Value]) -> int:
    """Return how many bytes values take, once."""
    return sum(len(str(value).encode(errors="surrogatepass")) for value in values)


def leave_out(values: dict[str, Value]) -> Collection[str]:
    """Take the largest of *values* away, until there is room for the others; return their names."""
    characters = sum([len(value) for value in values.values() if isinstance(value, str)])
    if characters * _LONGEST_CHARACTER <= MOST_BYTES:
        # So it is for nearly every record.
        return ()
    sizes = {name: size_of([value]) for name, value in values.items()}
    total, left = sum(sizes.values()), []
    for name in sorted(sizes, key=lambda each: sizes[each], reverse=True):
        if total <= MOST_BYTES:
            break
        left.append(name)
        total -= sizes[name]
        del values[name]
    return left
