"""What people do at the product's own desk: merge contacts, lift refusals, say yes, settle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.bounces import BounceKind
from counterpart.domain.contact_merge_plans import Choice, MergeState
from counterpart.domain.mail_reports import BounceReport, arrives, bounced
from counterpart.domain.mapping import OPTED_OUT
from counterpart.domain.opting_in import opted_in
from counterpart.domain.parked_requests import RedriveParked
from counterpart.use_cases.diverged_contacts import Side, list_diverged, take_side
from counterpart.use_cases.holds import approve, list_holds
from counterpart.use_cases.mark_contact import mark_contact
from counterpart.use_cases.merge_contacts import MergePorts, merge_contacts, undo_merge
from counterpart.use_cases.parked_edits import redrive_parked
from tests.convergence.fields import EDITED
from tests.convergence.our_acts import OurActs, UnkeptPromiseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from counterpart.domain.contact_merge_plans import ContactMerge
    from tests.convergence.steps import Step
    from tests.convergence.world import Mishap, World

_MOST = 10_000


class DeskActs(OurActs):
    """Those that are no edits."""

    # --- merges ---------------------------------------------------------------------------------

    def join(self, step: Step) -> str:
        """Merge a contact into another, here."""
        numbers, contacts = step.numbers, self._world.all_contacts()
        if len(contacts) < 2:
            return "nobody"
        survivor = contacts[numbers[1] % len(contacts)]
        others = [contact for contact in contacts if contact.id != survivor.id]
        # Rather somebody of the same address, as in life.
        alike = [contact for contact in others if contact.email == survivor.email]
        group = alike if alike and numbers[3] % 4 else others
        loser = group[numbers[2] % len(group)]
        name = EDITED[numbers[5] % len(EDITED)]
        known = {*survivor.ledger.values, *loser.ledger.values} - {OPTED_OUT}
        choices = {name: tuple(Choice)[numbers[6] % 3]} if name in known else {}
        self._chronicle.merges.append((survivor.id, loser.id))
        done = self._edit(
            lambda: merge_contacts(
                survivor.id,
                loser.id,
                choices=choices,
                otherwise=tuple(Choice)[numbers[4] % 3],
                now=self._world.clock(),
                ports=self._ports,
            ),
            step,
        )
        after = self._world.contacts.get_many([survivor.id, loser.id])
        refused = survivor.opted_out or loser.opted_out
        if done and (loser.id in after or (refused and not after[survivor.id].opted_out)):
            raise UnkeptPromiseError(f"{loser.id} was merged into {survivor.id}: {after}")
        return f"{loser.id} into {survivor.id} {choices} {done}"

    def part(self, step: Step) -> str:
        """Undo a merge."""
        merges = self._merges(MergeState.DONE)
        if not merges:
            return "none"
        merge = merges[step.numbers[1] % len(merges)]
        self._chronicle.parted |= {merge.id, merge.survivor.id}
        done = self._edit(
            lambda: undo_merge(merge.id, now=self._world.clock(), ports=self._ports), step
        )
        if done and merge.id not in self._world.contacts.get_many([merge.id]):
            raise UnkeptPromiseError(f"{merge.id} was given back and is not there")
        return f"{merge.id} from {merge.survivor.id} {done}"

    def _merges(self, state: MergeState) -> list[ContactMerge]:
        return [one for one in self._world.merges.page(limit=_MOST).items if one.state is state]

    @property
    def _ports(self) -> MergePorts:
        world = self._world
        return MergePorts(
            contacts=world.contacts,
            links=world.links,
            merges=world.merges,
            campaigns=world.campaigns.stores,
            settings=world.settings,
            queue=world.queue,
        )

    # --- mail -----------------------------------------------------------------------------------

    def opt_in(self, step: Step) -> str:
        """Say that somebody asked to be mailed again; rather somebody who had opted out."""
        contacts = self._world.all_contacts()
        out = [contact for contact in contacts if contact.opted_out] or contacts
        if not out:
            return "nobody"
        contact, now = out[step.numbers[1] % len(out)], self._world.clock()
        done = self._edit(
            lambda: mark_contact(
                contact.id,
                lambda one: opted_in(one, settings=self._world.settings.current(), now=now),
                contacts=self._world.contacts,
            ),
            step,
        )
        after = self._world.contacts.get_many([contact.id]).get(contact.id)
        if after and after.ledger.values.get(OPTED_OUT) is False:
            self._chronicle.note_opt_in(after, now)
        return f"{contact.id} {done}"

    def report(self, step: Step) -> str:
        """Report that mail came back, or arrives after all."""
        contact, now = self._anybody(step.numbers[1]), self._world.clock()
        if contact is None:
            return "nobody"
        kind = (BounceKind.HARD, BounceKind.SOFT, None)[step.numbers[2] % 3]
        if kind is None:
            self._chronicle.cleared.add(contact.id)
        done = self._edit(
            lambda: mark_contact(
                contact.id,
                lambda one: (
                    bounced(one, BounceReport(kind=kind), now=now)
                    if kind
                    else arrives(one, now=now)
                ),
                contacts=self._world.contacts,
            ),
            step,
        )
        return f"{contact.id} {kind} {done}"

    # --- what waits for people ------------------------------------------------------------------

    def settle(self, step: Step) -> str:
        """Take one side's value of a field in which they differ, or of any."""
        world, numbers = self._world, step.numbers
        page = list_diverged(
            limit=_MOST, after=None, contacts=world.contacts, settings=world.settings
        )
        found = [(one.contact.id, field.name) for one in page.items for field in one.fields]
        anybody = self._anybody(numbers[1])
        if anybody and (numbers[2] % 5 == 0 or not found):
            found = [(anybody.id, EDITED[numbers[3] % len(EDITED)])]
        if not found:
            return "nothing"
        contact_id, name = found[numbers[1] % len(found)]
        side, now = (Side.THEIRS, Side.OURS, Side.OURS)[numbers[4] % 3], world.clock()
        done = self._edit(
            lambda: take_side(
                contact_id,
                name,
                side,
                now=now,
                contacts=world.contacts,
                settings=world.settings,
            ),
            step,
        )
        after = world.contacts.get_many([contact_id]).get(contact_id)
        if after and name in after.ledger.insisted:
            self._chronicle.note_insisted(after, name, now)
        return f"{contact_id} {name} {side} {done}"

    def redrive(self, step: Step) -> str:
        """Send again what was set aside: all of it, or somebody's."""
        world, parked = self._world, [one.id for one in self._world.all_subjects() if one.parked]
        ids = (parked[step.numbers[1] % len(parked)],) if parked and step.numbers[2] % 2 else None
        done = world.invoke(
            lambda: redrive_parked(
                RedriveParked(ids=ids), now=world.clock(), stores=world, may_go_on=lambda: True
            ),
            self._mishap(step),
        )
        return f"{ids or 'all'} {done}"

    def say_yes(self, step: Step) -> str:
        """Approve what the guard holds."""
        held = held_by_guard(self._world)
        if not held:
            return "nothing"
        hold_id = held[step.numbers[1] % len(held)]
        return f"{hold_id} {approve_hold(self._world, hold_id, self._mishap(step))}"


def held_by_guard(world: World) -> list[str]:
    """Return the ids of what waits for a yes, by the list that operators see."""
    told = list_holds(streams=world.streams, settings=world.settings)["items"]
    holds = told if isinstance(told, list) else []
    return [str(hold["id"]) for hold in holds if not hold["approved"]]


def approve_hold(world: World, hold_id: str, mishap: Mishap) -> bool:
    """Say yes to one hold; return whether it was taken."""
    return world.invoke(
        lambda: approve(
            hold_id,
            streams=world.streams,
            settings=world.settings,
            successor=world.successor,
            clock=world.clock,
        ),
        mishap,
    )


DESK_ACTS: dict[str, Callable[[DeskActs, Step], str]] = {
    name: getattr(DeskActs, name)
    for name in ("join", "part", "opt_in", "report", "settle", "redrive", "say_yes")
}
