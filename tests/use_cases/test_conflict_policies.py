"""Conflict policies at work: both sides edit one field between two runs."""

from dataclasses import replace

import pytest

from counterpart.domain.contact_merge_plans import Choice
from counterpart.domain.mapping import ConflictPolicy, Mode
from counterpart.domain.outcomes import Action
from counterpart.domain.sync_settings import SyncSettings
from tests.use_cases.world import World, with_mode

FIELDS = with_mode(Mode.TWO_WAY, "job_title", "city")


def linked(policy: ConflictPolicy) -> tuple[World, str]:
    """Return a world with one linked contact, and the id of its record."""
    world = World(SyncSettings(conflict_policy=policy, fields=FIELDS))
    lead_id = world.lead(Title="Analyst", City="Bern")
    world.pull()
    world.wait()
    return world, lead_id


def agreed(world: World, lead_id: str) -> tuple[object, ...]:
    """Return title and city, once everything has run and both sides hold the same."""
    world.settle(2)
    before = world.written.copy()
    world.settle(1)
    ours, theirs = world.the_contact().ledger.values, world.org.row(lead_id)
    assert (ours["job_title"], ours["city"]) == (theirs["Title"], theirs["City"])
    names = ("contacts", "salesforce")
    assert [name for name in world.written[len(before) :] if name.startswith(names)] == []
    return theirs["Title"], theirs["City"]


@pytest.mark.failure("F51")
@pytest.mark.parametrize(
    ("policy", "title"),
    [
        (ConflictPolicy.THREE_WAY, "ours"),
        (ConflictPolicy.SALESFORCE_WINS, "theirs"),
        (ConflictPolicy.NEWEST_RECORD, "ours"),
    ],
)
@pytest.mark.parametrize("first", ["pull", "push"])
def test_ours_was_later(policy: ConflictPolicy, title: str, first: str) -> None:
    """Whichever function comes first, both sides come to hold the same, and the loser is told."""
    world, lead_id = linked(policy)
    world.org.edit(lead_id, {"Title": "theirs"})
    world.wait()
    world.edit(world.the_contact().id, job_title="ours")
    world.wait()

    getattr(world, first)()

    assert agreed(world, lead_id) == (title, "Bern")
    (conflict,) = [each for each in world.outcomes() if each.action is Action.CONFLICTED]
    assert conflict.lost == ("theirs" if title == "ours" else "ours")


@pytest.mark.failure("F51")
@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (ConflictPolicy.THREE_WAY, ("ours", "theirs")),
        (ConflictPolicy.SALESFORCE_WINS, ("ours", "theirs")),
        (ConflictPolicy.NEWEST_RECORD, ("Analyst", "theirs")),
    ],
)
@pytest.mark.parametrize("first", ["pull", "push"])
def test_each_side_edited_another_field(
    policy: ConflictPolicy, expected: tuple[str, str], first: str
) -> None:
    """Both survive, but for the policy that knows records alone; what that costs is told."""
    world, lead_id = linked(policy)
    world.edit(world.the_contact().id, job_title="ours")
    world.wait()
    world.org.edit(lead_id, {"City": "theirs"})
    world.wait()

    getattr(world, first)()

    assert agreed(world, lead_id) == expected
    lost = [each.lost for each in world.outcomes() if each.action is Action.CONFLICTED]
    assert lost == ([] if expected[0] == "ours" else ["ours"])


def test_our_own_write_does_not_hide_that_the_record_was_newer() -> None:
    """What a newer record replaces is given up before a later edit of ours moves its clock."""
    world, lead_id = linked(ConflictPolicy.NEWEST_RECORD)
    contact_id = world.the_contact().id
    world.edit(contact_id, job_title="ours")
    world.wait()
    world.org.edit(lead_id, {"LastName": "Theirs"})
    world.wait()
    world.edit(contact_id, city="ours later")

    world.push()

    assert agreed(world, lead_id) == ("Analyst", "ours later")
    (conflict,) = [each for each in world.outcomes() if each.action is Action.CONFLICTED]
    assert (conflict.field, conflict.kept, conflict.lost) == ("job_title", "theirs", "ours")


@pytest.mark.parametrize("first", ["pull", "push"])
@pytest.mark.parametrize("mode", [Mode.PREFER_SALESFORCE, Mode.ALWAYS_SALESFORCE])
def test_our_own_write_does_not_hide_it_where_theirs_is_protected_either(
    mode: Mode, first: str
) -> None:
    """Whichever comes first, what somebody there entered and took back again replaces ours."""
    world, lead_id = linked(ConflictPolicy.THREE_WAY)
    contact_id = world.the_contact().id
    world.edit(contact_id, job_title="ours")
    fields = (replace(field, mode=mode) if field.name == "job_title" else field for field in FIELDS)
    world.change(fields=tuple(fields))
    world.wait()
    world.org.edit(lead_id, {"Title": "theirs"})
    world.org.edit(lead_id, {"Title": "Analyst"})
    world.wait()
    world.edit(contact_id, city="ours later")

    getattr(world, first)()

    assert agreed(world, lead_id) == ("Analyst", "ours later")
    told = [(one.action, one.kept, one.lost) for one in world.outcomes()]
    untold = (first, mode) == ("pull", Mode.ALWAYS_SALESFORCE)
    assert told == ([] if untold else [(Action.CONFLICTED, "theirs", "ours")])


def test_what_a_merge_brings_may_be_older_than_a_record_that_was_read() -> None:
    """Nothing else goes out, and no pull reads that record again; both sides agree all the same."""
    world, lead_id = linked(ConflictPolicy.NEWEST_RECORD)
    survivor = world.the_contact().id
    loser = world.add("other@example.com", job_title="of the loser")
    world.wait()
    world.org.edit(lead_id, {"LastName": "Theirs"})
    world.wait()
    world.pull()
    world.wait(30)
    world.pull()

    world.merge(survivor, loser, job_title=Choice.NEWEST)

    assert agreed(world, lead_id) == ("Analyst", "Bern")
    (conflict,) = [each for each in world.outcomes() if each.action is Action.CONFLICTED]
    assert (conflict.field, conflict.kept, conflict.lost) == ("job_title", "theirs", "of the loser")


def test_a_policy_that_is_changed() -> None:
    """It holds at once for what happens afterwards, and rewrites nothing that was settled."""
    world, lead_id = linked(ConflictPolicy.THREE_WAY)
    world.org.edit(lead_id, {"Title": "theirs"})
    world.wait()
    world.edit(world.the_contact().id, job_title="ours")
    assert agreed(world, lead_id) == ("ours", "Bern")

    world.change(conflict_policy=ConflictPolicy.SALESFORCE_WINS)

    assert agreed(world, lead_id) == ("ours", "Bern")
    world.org.edit(lead_id, {"Title": "theirs again"})
    world.wait()
    world.edit(world.the_contact().id, job_title="ours again")
    assert agreed(world, lead_id) == ("theirs again", "Bern")


@pytest.mark.failure("F48")
@pytest.mark.parametrize("blanks", [True, False])
@pytest.mark.parametrize(
    ("mode", "side"),
    [
        (Mode.TWO_WAY, "ours"),
        (Mode.TWO_WAY, "theirs"),
        (Mode.ALWAYS_OURS, "ours"),
        (Mode.ALWAYS_SALESFORCE, "theirs"),
    ],
)
def test_somebody_clears_a_field_that_is_theirs_to_clear(
    mode: Mode, side: str, *, blanks: bool
) -> None:
    """The other side is cleared, unless a blank overwrites nothing; then each keeps its own."""
    fields = with_mode(mode, "job_title", "city", blank_overwrites=blanks)
    world = World(SyncSettings(fields=fields))
    lead_id = world.lead(Title="Analyst", City="Bern")
    world.pull()
    world.wait()
    if mode is Mode.ALWAYS_OURS:
        # Nothing comes in, so somebody has to have entered it here.
        world.edit(world.the_contact().id, job_title="Analyst")
        world.settle(1)
    if side == "ours":
        world.edit(world.the_contact().id, job_title=None)
    else:
        world.org.edit(lead_id, {"Title": None})

    world.settle(2)

    held = {
        "ours": world.the_contact().ledger.values["job_title"],
        "theirs": world.org.row(lead_id)["Title"],
    }
    assert held.pop(side) is None
    assert list(held.values()) == ["Analyst" if not blanks else None]


# --- An edit there that nobody here has seen, and a push of another field ------------------------


def _two_edits(mode: Mode, policy: ConflictPolicy) -> tuple[World, str, str]:
    """Return a world in which a rep's edit of the title is older than ours, and a push comes late.

    While the push writes the city, which it has read before, somebody here edits the title.
    """
    fields = with_mode(Mode.TWO_WAY, "job_title", "city")
    world = World(SyncSettings(conflict_policy=policy, fields=fields))
    lead_id = world.lead(Title="Analyst", City="Bern")
    world.pull()
    world.change(
        fields=tuple(
            replace(field, mode=mode) if field.name == "job_title" else field for field in fields
        )
    )
    contact_id = world.the_contact().id
    world.wait()
    world.org.edit(lead_id, {"Title": "theirs"})
    world.wait()
    world.edit(contact_id, city="Basel")
    world.wait()

    def edit_title(name: str) -> None:
        if name.startswith("salesforce") and world.the_contact().waiting:
            world.rival = None
            world.edit(contact_id, job_title="ours")
            world.wait()

    world.rival = edit_title
    world.push(everything_waiting=True)
    assert world.org.row(lead_id)["City"] == "Basel"
    return world, contact_id, lead_id


@pytest.mark.failure("F51")
@pytest.mark.parametrize("first", ["pull", "push"])
@pytest.mark.parametrize("policy", ConflictPolicy)
@pytest.mark.parametrize("mode", [Mode.TWO_WAY, Mode.PREFER_SALESFORCE])
def test_our_push_of_another_field_opens_the_gate_for_an_older_edit(
    mode: Mode, policy: ConflictPolicy, first: str
) -> None:
    """Its time is that of our write from then on; whichever edit is lost or kept out is told."""
    world, contact_id, lead_id = _two_edits(mode, policy)

    world.wait()
    getattr(world, first)()
    world.settle(2)

    ours, theirs = world.contact(contact_id).ledger.values, world.org.row(lead_id)
    told = [
        (one.action, one.lost)
        for one in world.outcomes()
        if one.field == "job_title" and one.action in {Action.CONFLICTED, Action.PROTECTED}
    ]
    assert ours["job_title"] == theirs["Title"] == "theirs"
    assert (Action.CONFLICTED, "ours") in told or (Action.PROTECTED, None) in told


@pytest.mark.parametrize("pushed", [True, False])
def test_an_edit_that_a_mode_keeps_here_is_told_of_once(*, pushed: bool) -> None:
    """By the push that looks at it, or by the pull that replaces it before that."""
    world = World(SyncSettings(fields=with_mode(Mode.PREFER_SALESFORCE, "job_title")))
    lead_id = world.lead(Title="Analyst")
    world.pull()
    world.wait()
    world.edit(world.the_contact().id, job_title="ours")
    world.wait()
    if pushed:
        world.push(everything_waiting=True)
        world.wait()
    world.org.edit(lead_id, {"Title": "theirs"})
    world.wait()

    world.pull()
    world.settle(2)

    assert world.the_contact().ledger.values["job_title"] == "theirs"
    told = [one.action for one in world.outcomes() if one.field == "job_title"]
    assert told == [Action.PROTECTED if pushed else Action.CONFLICTED]
