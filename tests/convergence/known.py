"""Histories that `make converge` is known to play wrong, each with what goes wrong in it.

They are played all the same, and told; they don't make it fail, so that a new one does.
Whoever mends one takes it off the list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# By seed, on the org that the seed says, with 200 steps and the default policy.
KNOWN: Mapping[int, str] = {1130: "a contact is linked to two records"}
