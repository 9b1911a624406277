"""Laws at rest about all that we ever wrote, whatever its record holds by now."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from counterpart.domain.mapping import OPTED_OUT
from tests.convergence.chronicle import OptIn
from tests.convergence.salesforce import Sight

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from counterpart.adapters.salesforce.rows import Row
    from tests.convergence.chronicle import Chronicle
    from tests.convergence.salesforce import OurWrite
    from tests.convergence.world import World


# Salesforce's stamps are of whole seconds.
_SECOND = timedelta(seconds=1)


def nobody_is_blanked(world: World, chronicle: Chronicle, _: dict[str, Row]) -> Iterator[str]:
    """No contact loses its address, and no write of ours takes one, or an opt-out, away.

    Unless somebody here has said before that the person asked to be mailed again.
    """
    for contact in world.all_contacts():
        if contact.email is None:
            yield f"{contact.id} has no e-mail any more"
    for record_id, writes in world.salesforce.updates.items():
        for write in writes:
            if write.values.get("Email", "") is None:
                yield f"we blanked the e-mail of {record_id}"
            opts_in = write.values.get("HasOptedOutOfEmail") is False
            if opts_in and not _asked_for(chronicle, record_id, write):
                yield f"we opted {record_id} in again"


def nothing_leaves_a_pause(world: World, chronicle: Chronicle, _: dict[str, Row]) -> Iterator[str]:
    """Nothing but a refusal is written of a contact whose tag somebody took away.

    What was decided for a contact goes, be it paused, or merged into one that is, after that. It is
    decided by the contact as it was read before its record was.
    """
    for record_id, writes in world.salesforce.updates.items():
        for write in writes:
            refusal = write.values == {"HasOptedOutOfEmail": True}
            sight = write.sight or Sight(contact_id=write.subject_id or "", at=write.at)
            for pause in chronicle.pauses[sight.contact_id]:
                within = pause.since < sight.at and (pause.until is None or write.at < pause.until)
                if within and not refusal:
                    yield f"we wrote {write.values} of {sight.contact_id} in a pause: {record_id}"


def no_later_refusal_is_lifted(
    world: World, chronicle: Chronicle, _: dict[str, Row]
) -> Iterator[str]:
    """A refusal that came after an opt-in of ours is lifted by none but another opt-in."""
    for record_id, writes in world.salesforce.updates.items():
        lifting = [one for one in writes if one.values.get("HasOptedOutOfEmail") is False]
        ticked = [one for one in chronicle.theirs[record_id, OPTED_OUT] if one.value is True]
        for edit in ticked:
            before = [one for one in lifting if one.taken and one.at + _SECOND < edit.seen]
            after = [one for one in lifting if one.read_at and edit.seen < one.read_at]
            again = [one for one in after if not _asked_for(chronicle, record_id, one, edit.seen)]
            if before and again:
                yield f"we lifted a refusal of {record_id} that came after our opt-in"


def _asked_for(
    chronicle: Chronicle, record_id: str, write: OurWrite, since: datetime | None = None
) -> bool:
    owners = [one for one, records in chronicle.owners.items() if record_id in records]
    # Where two followed the record at that moment, it may have been said of either.
    subjects = [write.subject_id] if write.subject_id else owners
    family = {each for one in subjects for each in chronicle.family(one)}
    edits = [edit for one in sorted(family) for edit in chronicle.ours[one, OPTED_OUT]]
    return any(
        isinstance(edit, OptIn) and edit.seen <= write.at and (since is None or since <= edit.seen)
        for edit in edits
    )


WRITES = (nobody_is_blanked, no_later_refusal_is_lifted, nothing_leaves_a_pause)
