"""Laws at rest about what people did at the product's desk, and about what works by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.bounces import BOUNCED_DATE, BounceKind
from counterpart.domain.emails import email_key
from counterpart.domain.mapping import OPTED_OUT
from counterpart.domain.waiting import Lane
from tests.convergence.chronicle import Insisted, OptIn
from tests.convergence.structure import in_sight

if TYPE_CHECKING:
    from collections.abc import Iterator

    from counterpart.adapters.salesforce.rows import Row
    from tests.convergence.chronicle import Chronicle
    from tests.convergence.pairs import Pair
    from tests.convergence.world import World


def nothing_is_under_way(world: World, _: Chronicle, __: dict[str, Row]) -> Iterator[str]:
    """No job is forgotten, nor who waits for one; whoever is parked is so for a reason."""
    for subject in world.all_subjects():
        lane = subject.waiting.lane if subject.waiting else None
        if lane is Lane.SENT:
            yield f"{subject.id} is under way in {subject.in_flight}"
        if lane is Lane.PARKED and subject.parked is None:
            yield f"{subject.id} is parked, and nobody knows why"
    book = world.streams.get("push")
    if any(job.job_id for job in book.jobs.values()):
        yield f"jobs are under way: {book.jobs}"


def bounces_are_of_the_address(
    world: World, chronicle: Chronicle, rows: dict[str, Row]
) -> Iterator[str]:
    """A bounce is known of the present address alone, and one that Salesforce knows is known."""
    for contact in world.all_contacts():
        if contact.bounce and contact.bounce.email_key != email_key(contact.email):
            yield f"{contact.id} bears a bounce of an address that it has no more"
        row = rows.get(contact.counterpart.record_id) if contact.counterpart else None
        if not in_sight(row, world):
            continue
        same = email_key(row["Email"] or "") == email_key(contact.email)
        hard = contact.bounce is not None and contact.bounce.kind is BounceKind.HARD
        # While two were one, what a record told of the other's address is not kept.
        doubtful = contact.id in chronicle.cleared | chronicle.parted
        if row[BOUNCED_DATE] and same and not hard and not doubtful:
            yield f"mail to {contact.id} came back, as {row['Id']} tells, and nobody knows"


def opt_ins_go_out(pair: Pair) -> str | None:
    """An opt-in lifts the refusal that Salesforce held, unless another one may have come since."""
    edit = pair.our_edit
    if pair.field.name != OPTED_OUT or not isinstance(edit, OptIn) or not edit.pending:
        return None
    since = pair.their_edit is not None and pair.their_edit.seen >= edit.seen
    if since or pair.lost or pair.relinked or not pair.goes_out or not pair.theirs:
        return None
    return f"an opt-in did not go out: {pair}"


def what_was_insisted_on_goes_out(pair: Pair) -> str | None:
    """Whoever took ours over what the mode protects there gets it."""
    edit, counterpart = pair.our_edit, pair.subject.counterpart
    if not isinstance(edit, Insisted) or not pair.our_edit_last or counterpart is None:
        return None
    # It was said of the record that was linked then.
    of_another = counterpart.linked_at > edit.stamped
    # What a further record brought since is newer.
    replaced = pair.relinked and not pair.holds(pair.ours, edit)
    if of_another or replaced or not pair.goes_out or pair.mode_changed or pair.agree:
        return None
    return f"ours was insisted on, and did not go out: {pair}"


DESK = (nothing_is_under_way, bounces_are_of_the_address)
DESK_VALUES = (opt_ins_go_out, what_was_insisted_on_goes_out)
