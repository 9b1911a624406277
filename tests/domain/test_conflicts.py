"""Two-way fields by each conflict policy: the tables, and what they come to in the long run."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.domain.conflicts import BY_CHANGE, NEWEST_RECORD
from counterpart.domain.contacts import Ledger
from counterpart.domain.mapping import ConflictPolicy, FieldMapping, Mode
from counterpart.domain.merging import merge_record
from counterpart.domain.outbound_settings import Outbound
from counterpart.domain.outgoing_fields import pending
from counterpart.domain.policy import Changed, Gate, Sides, Verdict
from counterpart.domain.pushing import has_to_go, plan_push
from counterpart.domain.sync_settings import SyncSettings
from tests.domain.samples import (
    MINUTE,
    NOON,
    TEXTS,
    a_contact,
    a_field,
    a_ledger,
    a_record,
    law,
    moments,
)

if TYPE_CHECKING:
    from counterpart.domain.records import Record
    from counterpart.domain.values import Value

POLICIES = st.sampled_from(ConflictPolicy)
NAMES = ("job_title", "city")


def two_way(
    policy: ConflictPolicy, name: str = "job_title", *, blanks: bool = True
) -> FieldMapping:
    """Return a two-way field under that policy."""
    return FieldMapping(
        name=name,
        type=a_field(name).type,
        mode=Mode.TWO_WAY,
        paths=a_field(name).paths,
        blank_overwrites=blanks,
        conflict=policy,
    )


# --- The tables ----------------------------------------------------------------------------------


def test_every_policy_has_an_answer_for_everything() -> None:
    """Total, and nothing is protected: whoever wins, the sides come to agree."""
    assert {*BY_CHANGE, ConflictPolicy.NEWEST_RECORD} == set(ConflictPolicy)
    for table in BY_CHANGE.values():
        assert set(table) == set(Changed)
        assert Verdict.PROTECT not in table.values()
    assert set(NEWEST_RECORD) == set(product(Gate, Sides))
    assert Verdict.PROTECT not in NEWEST_RECORD.values()


def test_two_sides_that_agree_are_left_alone() -> None:
    """By every policy."""
    assert all(table[Changed.NEITHER] is Verdict.LEAVE for table in BY_CHANGE.values())
    assert all(NEWEST_RECORD[gate, Sides.EQUAL] is Verdict.LEAVE for gate in Gate)


@pytest.mark.parametrize("policy", BY_CHANGE)
def test_a_change_of_one_side_alone_wins(policy: ConflictPolicy) -> None:
    """Policies differ only in what happens where both have changed."""
    assert BY_CHANGE[policy][Changed.OURS] is Verdict.SEND
    assert BY_CHANGE[policy][Changed.THEIRS] is Verdict.TAKE


def test_a_setting_reaches_every_field() -> None:
    """The policy is one choice for the deployment, and is applied to what crosses."""
    settings = SyncSettings(conflict_policy=ConflictPolicy.NEWEST_RECORD)

    record = a_record(1)

    assert {one.conflict for one in settings.fields_of(record.object)} == {
        ConflictPolicy.NEWEST_RECORD
    }
    assert {one.conflict for one in SyncSettings().fields_of(record.object)} == {
        ConflictPolicy.THREE_WAY
    }


# --- What people see -----------------------------------------------------------------------------


@pytest.mark.failure("F51")
@pytest.mark.parametrize(
    ("policy", "minutes", "kept"),
    [
        (ConflictPolicy.THREE_WAY, 1, "ours"),
        (ConflictPolicy.THREE_WAY, -1, "theirs"),
        # Whoever was later: what waits in Salesforce comes first.
        (ConflictPolicy.SALESFORCE_WINS, 1, "theirs"),
        (ConflictPolicy.SALESFORCE_WINS, -1, "theirs"),
        (ConflictPolicy.NEWEST_RECORD, 1, "ours"),
        # Equal times: the record is not more recent.
        (ConflictPolicy.NEWEST_RECORD, 0, "ours"),
        (ConflictPolicy.NEWEST_RECORD, -1, "theirs"),
    ],
)
def test_both_changed_one_field(policy: ConflictPolicy, minutes: int, kept: str) -> None:
    """Pull and push say the same, and what lost is told."""
    ledger = Ledger(
        values={"job_title": "ours"},
        times={"job_title": NOON + minutes * MINUTE},
        shadows={"job_title": "agreed"},
    )
    record = a_record(values={"job_title": "theirs"})
    fields = [two_way(policy)]

    merge = merge_record(ledger, record, fields, written_until=None)
    plan = plan_push(ledger, record, fields, open_since=None)

    assert merge.ledger.values["job_title"] == kept
    assert ("job_title" in plan.sent) == (kept == "ours")
    (conflict,) = merge.conflicts
    assert (conflict.kept, conflict.ours_won) == (kept, kept == "ours")
    assert {conflict.kept, conflict.lost} == {"ours", "theirs"}


@pytest.mark.failure("F51")
@pytest.mark.parametrize(
    ("policy", "kept"),
    [
        (ConflictPolicy.THREE_WAY, "ours"),
        (ConflictPolicy.SALESFORCE_WINS, "ours"),
        # The known price of judging by the record: the stale value of a touched record wins.
        (ConflictPolicy.NEWEST_RECORD, "agreed"),
    ],
)
def test_somebody_touched_the_record_after_our_edit(policy: ConflictPolicy, kept: str) -> None:
    """Only ours was changed; whether that is seen depends on the policy. A loss is told."""
    ledger = Ledger(
        values={"job_title": "ours"},
        times={"job_title": NOON - MINUTE},
        shadows={"job_title": "agreed"},
    )

    merge = merge_record(
        ledger, a_record(values={"job_title": "agreed"}), [two_way(policy)], written_until=None
    )

    assert merge.ledger.values["job_title"] == kept
    assert [conflict.lost for conflict in merge.conflicts] == ([] if kept == "ours" else ["ours"])


@pytest.mark.parametrize("policy", ConflictPolicy)
def test_what_we_put_in_for_a_field_that_was_never_set_comes_in(policy: ConflictPolicy) -> None:
    """Nobody here has cleared it, so there is nothing to send, and both sides agree."""
    ledger = Ledger(shadows={"job_title": "put in"})
    record = a_record(values={"job_title": "put in"})

    merge = merge_record(ledger, record, [two_way(policy)], written_until=record.modified_at)

    assert merge.ledger.values["job_title"] == "put in"
    assert not merge.send


def test_our_own_write_does_not_make_a_record_newer() -> None:
    """What it left alone was not touched by anybody, so a later edit of ours there goes out."""
    newest = two_way(ConflictPolicy.NEWEST_RECORD)
    ledger = Ledger(
        values={"job_title": "ours"},
        times={"job_title": NOON - MINUTE},
        shadows={"job_title": "agreed"},
    )
    record = a_record(values={"job_title": "agreed"})

    merge = merge_record(ledger, record, [newest], written_until=NOON)
    plan = plan_push(ledger, record, [newest], open_since=None, written_until=NOON)

    assert merge.send
    assert plan.sent == {"job_title": "ours"}


@pytest.mark.parametrize("policy", ConflictPolicy)
@pytest.mark.parametrize(
    ("ours", "theirs", "kept"), [("ours", None, "ours"), (None, "theirs", "theirs")]
)
@pytest.mark.parametrize("minutes", [-1, 0, 1])
def test_a_first_meeting(
    *, policy: ConflictPolicy, ours: Value, theirs: Value, kept: Value, minutes: int
) -> None:
    """A blank is no opinion, whoever is newer: nobody is known to have cleared the field."""
    ledger = Ledger(values={"job_title": ours}, times={"job_title": NOON + minutes * MINUTE})
    record = a_record(values={"job_title": theirs})

    merge = merge_record(ledger, record, [two_way(policy)], written_until=None)

    assert merge.ledger.values["job_title"] == kept
    assert merge.send == (theirs is None)


@law
@given(POLICIES, TEXTS, TEXTS, moments(), moments())
def test_a_first_meeting_that_is_read_again(
    policy: ConflictPolicy, ours: Value, theirs: Value, our_time: datetime, their_time: datetime
) -> None:
    """The second reading of one record says what the first one said, and so does the push."""
    fields = [two_way(policy)]
    ledger = Ledger(values={"job_title": ours}, times={"job_title": our_time})
    record = a_record(values={"job_title": theirs}, at=their_time)

    once = merge_record(ledger, record, fields, written_until=None)
    again = merge_record(once.ledger, record, fields, written_until=None)
    plan = plan_push(once.ledger, record, fields, open_since=None)

    assert again.ledger is once.ledger
    assert again.send == once.send == bool(plan.sent)
    if ours is not None and theirs is None:
        assert once.ledger.values["job_title"] == ours


# --- Blanks that overwrite nothing ---------------------------------------------------------------


@pytest.mark.failure("F48")
@pytest.mark.parametrize("policy", ConflictPolicy)
@pytest.mark.parametrize("minutes", [-1, 0, 1])
def test_their_blank_overwrites_nothing(policy: ConflictPolicy, minutes: int) -> None:
    """Ours stays, and does not go out by itself: nobody has edited it."""
    field_ = two_way(policy, blanks=False)
    ledger = a_ledger(job_title="Analyst", at=NOON + minutes * MINUTE)
    record = a_record(values={"job_title": None})

    merge = merge_record(ledger, record, [field_], written_until=None)

    assert merge.ledger.values["job_title"] == "Analyst"
    assert not merge.send
    assert not pending(merge.ledger, field_)


@pytest.mark.failure("F48")
@pytest.mark.parametrize("policy", ConflictPolicy)
@pytest.mark.parametrize("minutes", [-1, 0, 1])
def test_our_blank_overwrites_nothing(policy: ConflictPolicy, minutes: int) -> None:
    """Theirs stays, and does not come in by itself."""
    field_ = two_way(policy, blanks=False)
    ledger = Ledger(
        values={"job_title": None},
        times={"job_title": NOON + minutes * MINUTE},
        shadows={"job_title": "Analyst"},
    )
    record = a_record(values={"job_title": "Analyst"})

    merge = merge_record(ledger, record, [field_], written_until=None)

    assert merge.ledger.values["job_title"] is None
    assert not pending(merge.ledger, field_)
    assert plan_push(ledger, record, [field_], open_since=None).values == {}


@pytest.mark.failure("F48")
@pytest.mark.parametrize("mode", [Mode.ALWAYS_SALESFORCE, Mode.ALWAYS_OURS])
def test_one_way_and_a_blank_that_overwrites_nothing(mode: Mode) -> None:
    """The side that decides may clear its own, and no more."""
    field_ = FieldMapping(
        name="job_title",
        type=a_field().type,
        mode=mode,
        paths=a_field().paths,
        blank_overwrites=False,
    )
    cleared = Ledger(
        values={"job_title": None}, times={"job_title": NOON}, shadows={"job_title": "Analyst"}
    )

    merge = merge_record(
        a_ledger(job_title="Analyst", at=NOON - MINUTE),
        a_record(values={"job_title": None}),
        [field_],
        written_until=None,
    )
    plan = plan_push(cleared, a_record(values={"job_title": "Analyst"}), [field_], open_since=None)

    assert merge.ledger.values["job_title"] == "Analyst"
    assert plan.values == {}


@pytest.mark.failure("F48")
@pytest.mark.parametrize("policy", ConflictPolicy)
def test_an_edit_meets_a_blank_that_overwrites_nothing(policy: ConflictPolicy) -> None:
    """It crosses in either direction, as if the other side had said nothing; nothing is lost."""
    field_ = two_way(policy, blanks=False)
    edited = Ledger(
        values={"job_title": "ours"},
        times={"job_title": NOON - MINUTE},
        shadows={"job_title": "agreed"},
    )
    cleared = Ledger(
        values={"job_title": None},
        times={"job_title": NOON + MINUTE},
        shadows={"job_title": "agreed"},
    )

    out = plan_push(edited, a_record(values={"job_title": None}), [field_], open_since=None)
    back = merge_record(
        cleared, a_record(values={"job_title": "theirs"}), [field_], written_until=None
    )

    assert (out.sent, out.overruled) == ({"job_title": "ours"}, {})
    assert (back.ledger.values["job_title"], back.conflicts) == ("theirs", ())


# --- In the long run -----------------------------------------------------------------------------


@dataclass
class Pair:
    """One contact and its record, with two fields, and all that was ever told of them."""

    fields: list[FieldMapping]
    now: datetime = NOON
    ledger: Ledger = field(default_factory=lambda: a_ledger(dict.fromkeys(NAMES, "start")))
    row: dict[str, Value] = field(default_factory=lambda: dict.fromkeys(NAMES, "start"))
    modified_at: datetime = NOON
    written_until: datetime | None = None
    told: set[Value] = field(default_factory=set)
    writes: int = 0
    waits: bool = False

    def record(self) -> Record:
        """Return the record as it is now."""
        return a_record(values=dict(self.row), at=self.modified_at)

    def edit_ours(self, name: str, value: Value) -> None:
        """Edit the contact."""
        values = {**self.ledger.values, name: value}
        times = {**self.ledger.times, name: max(self.now, self.ledger.times[name])}
        self.ledger = Ledger(values=values, times=times, shadows=self.ledger.shadows)
        self.waits = True

    def edit_theirs(self, name: str, value: Value) -> None:
        """Edit the record."""
        self.row[name] = value
        self.modified_at = self.now

    def pull(self) -> None:
        """Let the record come in."""
        merge = merge_record(
            self.ledger, self.record(), self.fields, written_until=self.written_until
        )
        self.writes += merge.ledger is not self.ledger
        self.ledger = merge.ledger
        self.told |= {conflict.lost for conflict in merge.conflicts}
        if merge.send and has_to_go(
            a_contact(ledger=self.ledger),
            self.record(),
            self.fields,
            Outbound(),
            written_until=self.written_until,
        ):
            self.waits = True

    def push(self) -> None:
        """Let what waits go out."""
        if not self.waits:
            return
        plan = plan_push(
            self.ledger,
            self.record(),
            self.fields,
            open_since=None,
            written_until=self.written_until,
        )
        self.waits = False
        self.told |= set(plan.overruled.values())
        shadows = {**self.ledger.shadows, **plan.agreed, **plan.sent}
        self.ledger = Ledger(values=self.ledger.values, times=self.ledger.times, shadows=shadows)
        if plan.sent:
            self.writes += 1
            self.row |= plan.sent
            self.modified_at = self.written_until = self.now


SIDES = st.sampled_from(["ours", "theirs"])
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["edit", "clear", "pull", "push", "pass"]),
        SIDES,
        st.sampled_from(NAMES),
        st.integers(0, 2),
    ),
    max_size=14,
)


@law
@given(POLICIES, st.booleans(), STEPS)
def test_both_sides_come_to_rest_and_nothing_is_lost_silently(
    policy: ConflictPolicy,
    blanks: bool,  # noqa: FBT001 - drawn
    steps: list[tuple[str, str, str, int]],
) -> None:
    """However edits, pulls and pushes fall: two rounds later both agree, and no write follows.

    A value that one side entered is what both hold, or was replaced by whoever entered it, or has
    been on both sides, or is told as lost.
    """
    pair = Pair([two_way(policy, name, blanks=blanks) for name in NAMES])
    entered: dict[tuple[str, str], list[Value]] = {}
    both: set[Value] = {"start"}
    for number, (act, side, name, minutes) in enumerate(steps):
        pair.now += minutes * MINUTE
        if act in {"edit", "clear"}:
            value = None if act == "clear" else f"{side} {number}"
            (pair.edit_ours if side == "ours" else pair.edit_theirs)(name, value)
            entered.setdefault((side, name), []).append(value)
        elif act == "pull":
            pair.pull()
        elif act == "push":
            pair.push()
        both |= {pair.row[one] for one in NAMES if pair.row[one] == pair.ledger.values[one]}

    for _ in range(2):
        pair.now += MINUTE
        pair.pull()
        pair.push()
    both |= {pair.row[one] for one in NAMES if pair.row[one] == pair.ledger.values[one]}
    before = pair.writes
    pair.now += MINUTE
    pair.pull()
    pair.push()

    assert pair.writes == before
    assert not pair.waits
    for name in NAMES:
        ours, theirs = pair.ledger.values[name], pair.row[name]
        assert ours == theirs or (not blanks and None in {ours, theirs})
    for values in entered.values():
        last = values[-1]
        kept = {*pair.ledger.values.values(), *pair.row.values()}
        assert last is None or last in kept | both | pair.told


@law
@given(POLICIES, moments(), moments())
def test_a_change_of_policy_rewrites_nothing(
    policy: ConflictPolicy, our_time: datetime, their_time: datetime
) -> None:
    """Where both sides agree, no policy has anything to say, whoever is newer."""
    ledger = a_ledger(job_title="agreed", at=our_time)
    record = a_record(values={"job_title": "agreed"}, at=their_time)

    merge = merge_record(ledger, record, [two_way(policy)], written_until=None)

    assert merge.ledger is ledger
    assert not merge.send
