"""Campaigns under histories in which contacts are merged here, and merges undone, in any order.

When acts and accidents end, both sides agree as the rules say, nobody waits who need not, and a
further run writes nothing. Whatever else may happen is played in `tests/convergence`.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from counterpart.domain.links import LinkState
from counterpart.domain.member_status import in_ours, in_theirs
from counterpart.domain.outcomes import Reason
from counterpart.domain.records import CampaignObject, SObject
from counterpart.errors import InputError, TransientError
from counterpart.use_cases.make_statuses import read_statuses
from tests.use_cases.campaigning import WEBINAR, CampaignWorld
from tests.use_cases.world import MINUTE, PowerCutError

if TYPE_CHECKING:
    from collections.abc import Callable

    from counterpart.domain.members import Member

HISTORIES = 50
STEPS = 40
OURS = ["Registered", "Attended", "No show"]
THEIRS = ["Registered", "Attended", "VIP", "Sent"]


class History:
    """One history in the making.

    Args:
        seed: Decides everything.
    """

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        # What spreads load in the product is decided as well.
        random.seed(seed)
        self.world = CampaignWorld(page_size=self.random.choice([2, 3, 2000]))
        self.record_id = self.world.their_campaign(labels=["Registered", "Attended", "VIP"])
        for number in range(4):
            self._add_person(number)
        self._people = 4
        self._merged: list[str] = []
        self._locked_until = self.world.now
        self.world.wait(1)
        self.world.pull()
        self.world.campaign(to=self.record_id)

    def play(self) -> None:
        """Let all of it happen, and then come to rest."""
        acts = self.acts()
        for _ in range(STEPS):
            self.random.choice(acts)()
            self.world.wait(self.random.choice([0.1, 1, 6]))
        self.world.wait(13)
        for _ in range(10):
            self.world.wait(30)
            self.world.pull()
            self.sync()

    # --- acts -----------------------------------------------------------------------------------

    def acts(self) -> list[Callable[[], object]]:
        """Return what may happen, what is likelier more than once.

        Campaigns and records stay, so that each merge can be undone.
        """
        return [
            self.join_here,
            self.move_here,
            self.move_here,
            self.remove_here,
            self.join_there,
            self.move_there,
            self.move_there,
            self.remove_there,
            self.add_person,
            self.convert,
            self.delete_person,
            self.touch,
            self.world.pull,
            self.sync,
            self.sync,
            self.sync,
            self.sync_in_trouble,
            self.merge_here,
            self.merge_here,
            self.undo_here,
            self.undo_here,
        ]

    def _add_person(self, number: int) -> None:
        email = f"{number}@example.com"
        if self.random.random() < 0.5:
            self.world.lead(email, LastName=str(number))
        else:
            self.world.person(email, LastName=str(number))

    def add_person(self) -> None:
        """Somebody new appears in Salesforce."""
        self._add_person(self._people)
        self._people += 1

    def persons(self, sobject: SObject | None = None) -> list[str]:
        """Return the ids of live people."""
        return [
            row["Id"]
            for each in (SObject.LEAD, SObject.CONTACT)
            if sobject in {None, each}
            for row in self.world.org.rows(each)
            if not row["IsDeleted"] and not row.get("IsConverted")
        ]

    def rows(self) -> list[str]:
        """Return the ids of live members there."""
        return [
            row["Id"] for row in self.world.org.rows(CampaignObject.MEMBER) if not row["IsDeleted"]
        ]

    def join_here(self) -> None:
        """Somebody becomes a member here."""
        key = [each.id for each in self.world.everybody()]
        free = [each for each in key if each not in self._stored()]
        if free:
            self.world.join("launch", self.random.choice(free), self.random.choice(OURS))

    def _stored(self) -> dict[str, Member]:
        listing = self.world.people.page("launch", limit=100)
        return {each.contact_id: each for each in listing.items}

    def move_here(self) -> None:
        """Somebody gets another status here."""
        if here := sorted(self.world.members_here()):
            self.world.move("launch", self.random.choice(here), self.random.choice(OURS))

    def remove_here(self) -> None:
        """Somebody is removed here."""
        if here := sorted(self.world.members_here()):
            self.world.remove("launch", self.random.choice(here))

    def join_there(self) -> None:
        """Somebody becomes a member there."""
        members = self.world.members_there(self.record_id)
        free = [each for each in self.persons() if each not in members]
        if free and not self.world.org.row(self.record_id)["IsDeleted"]:
            label = self.random.choice(THEIRS)
            self.world.their_member(self.record_id, self.random.choice(free), label)

    def move_there(self) -> None:
        """Somebody gets another status there, perhaps in a transaction that takes its time."""
        rows = self.rows()
        if rows and self._nothing_is_locked():
            row_id, label = self.random.choice(rows), self.random.choice(THEIRS)
            late = self.random.choice([0, 0, 5, 12])
            at = self.world.now + late * MINUTE if late else None
            self.world.org.edit(row_id, {"Status": label}, commit_at=at)
            self._locked_until = at or self.world.now

    def _nothing_is_locked(self) -> bool:
        """Return whether no transaction is under way, which others would have to wait for."""
        return self.world.now >= self._locked_until

    def remove_there(self) -> None:
        """Somebody is removed there."""
        rows = self.rows()
        if rows and self._nothing_is_locked():
            self.world.org.delete(self.random.choice(rows))

    def convert(self) -> None:
        """A lead is converted, perhaps into a Contact that exists."""
        leads = self.persons(SObject.LEAD)
        if leads and self._nothing_is_locked():
            contacts = self.persons(SObject.CONTACT)
            into = self.random.choice(contacts) if contacts and self.random.random() < 0.3 else None
            self.world.org.convert(self.random.choice(leads), contact_id=into)

    def delete_person(self) -> None:
        """Somebody is deleted there, with all memberships."""
        people = self.persons()
        if people and self.random.random() < 0.3 and self._nothing_is_locked():
            self.world.org.delete(self.random.choice(people))

    def touch(self) -> None:
        """Automation touches a row."""
        rows = self.rows()
        if rows and self._nothing_is_locked():
            self.world.org.touch(self.random.choice(rows))

    def merge_here(self) -> None:
        """Two contacts are merged here."""
        everybody = self.world.everybody()
        if len(everybody) > 1:
            survivor, loser = self.random.sample(everybody, 2)
            self.world.merge(survivor.id, loser.id)
            self._merged.append(loser.id)

    def undo_here(self) -> None:
        """One of these merges is undone."""
        if not self._merged:
            return
        try:
            self.world.undo(self.random.choice(self._merged))
        except InputError as exc:
            # It was undone already, or its survivor is no more: nothing else is in its way.
            assert "undone" in exc.detail or "no more" in exc.detail  # noqa: PT017 - it may pass

    def sync(self) -> None:
        """Run the function, and whatever it starts."""
        self.world.sync()
        self.world.go_on()

    def sync_in_trouble(self) -> None:
        """Run the function into an accident."""
        if self.random.random() < 0.3:
            self.world.salesforce.lose_answers()
        elif self.random.random() < 0.3:
            self.world.salesforce.fail(TransientError("busy"))
        else:
            self.world.cut_the_power_after(self.random.randrange(12))
        try:
            self.sync()
        except PowerCutError:
            pass
        finally:
            self.world.start_again()

    # --- laws -----------------------------------------------------------------------------------

    def wrongs(self) -> list[str]:
        """Return what is not as it should be."""
        campaign = self.world.the_campaign()
        if campaign.counterpart is None:
            return ["the campaign is not linked"]
        there = self._rows_of_contacts()
        stored = self._stored()
        absent = sorted(there.keys() - stored.keys())
        wrongs = [f"{contact_id} is a member there and not here" for contact_id in absent]
        for contact_id, member in stored.items():
            found = self._wrong_with(member, there.get(contact_id, set()))
            wrongs += [f"{contact_id} ({member.status}): {each}" for each in found]
        return wrongs

    def _rows_of_contacts(self) -> dict[str, set[str]]:
        """Return the live rows there, by the contact that they are about."""
        rows: dict[str, set[str]] = {}
        for row_id in self.rows():
            row = self.world.org.row(row_id)
            person = row["ContactId"] or self._now(row["LeadId"])
            link = self.world.links.get_many([person]).get(person)
            if link and link.state is LinkState.LINKED and link.subject_id:
                rows.setdefault(link.subject_id, set()).add(row_id)
        return rows

    def _now(self, lead_id: str) -> str:
        """Return what a lead is by now; a membership may come back after it was converted."""
        return self.world.org.row(lead_id)["ConvertedContactId"] or lead_id

    def _by_further_records(self, member: Member) -> set[str]:
        """Return the rows by which a member is one that was merged into it."""
        further = {each.record_id for each in self.world.contact(member.contact_id).secondaries}
        return {
            row_id
            for row_id in self.rows()
            if (row := self.world.org.row(row_id))
            and further & {row["ContactId"], row["LeadId"] and self._now(row["LeadId"])}
        }

    def _wrong_with(self, member: Member, rows: set[str]) -> list[str]:
        held = member.counterpart
        if not member.present:
            return ["the removal has not crossed"]
        if held is None and self.world.contact(member.contact_id).counterpart is None:
            told = member.skip is not None and member.skip.reason is Reason.NOT_LINKED
            return [] if told else ["is outside without a reason"]
        if member.waiting or member.passing or held is None or held.agreed is None:
            return ["has not gone out"]
        row = self.world.org.row(held.record_id)
        laws = {
            "follows another row": held.record_id in rows | self._by_further_records(member),
            "follows a row that is gone": not row["IsDeleted"],
            f"has agreed upon {held.agreed}": held.agreed.theirs == row["Status"],
            "has moved on": held.agreed.ours == member.status,
            "does not know of the response": held.responded == row["HasResponded"],
            f"stands for nothing like {row['Status']}": self._fit(member.status, row["Status"]),
        }
        return [wrong for wrong, holds in laws.items() if not holds]

    def _fit(self, ours: str, theirs: str) -> bool:
        """Return whether one status stands for the other, be it as a fallback."""
        by_hand = self.world.the_campaign().status_map
        statuses = read_statuses(self.world.campaign_ports, [self.record_id])[self.record_id]
        here = in_ours(theirs, kind=WEBINAR, by_hand=by_hand)
        there = in_theirs(ours, kind=WEBINAR, statuses=statuses, by_hand=by_hand)
        return here.label == ours or there.label == theirs

    def writes_at_rest(self) -> list[str]:
        """Return what a further run writes; who is outside may be looked at once more."""
        before, members = len(self.world.written), self._essences()
        self.world.wait(30)
        self.sync()
        outward = [
            name
            for name in self.world.written[before:]
            if name.startswith(("Campaign", "campaigns."))
        ]
        return outward if members == self._essences() else [*outward, "members"]

    def _essences(self) -> list[Member]:
        """Return the members without what tells when they are looked at again."""
        return [replace(each, waiting=None, version=0) for each in self._stored().values()]


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_a_history_with_merges_here_ends_in_agreement(seed: int) -> None:
    """Whatever was merged and undone, in whatever order."""
    history = History(seed)

    history.play()

    assert history.wrongs() == []
    assert history.writes_at_rest() == []
