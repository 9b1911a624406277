"""Since when what is edited goes out, and whether it does for one contact."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from counterpart.domain.contacts import Contact

if TYPE_CHECKING:
    from counterpart.domain.contacts import Company
    from counterpart.domain.outbound_settings import Outbound
    from counterpart.domain.records import SObject

# Of a contact that is paused, every edit is too old, as long as the pause lasts.
WHILE_PAUSED = datetime.max.replace(tzinfo=UTC)


def is_paused(subject: Contact | Company) -> bool:
    """Return whether somebody has paused what goes out of this very contact.

    A refusal to be mailed goes out all the same.
    """
    return isinstance(subject, Contact) and subject.outbound_paused_at is not None


def open_since(subject: Contact | Company, sobject: SObject, outbound: Outbound) -> datetime | None:
    """Return the moment before which no edit of *subject* goes out, if there is one."""
    if is_paused(subject):
        return WHILE_PAUSED
    resumed_at = subject.outbound_resumed_at if isinstance(subject, Contact) else None
    moments = [at for at in (outbound.open_since(sobject), resumed_at) if at]
    return max(moments, default=None)
