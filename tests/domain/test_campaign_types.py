"""Types of campaigns: which statuses are allowed, and what becomes of who has one that goes."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.domain.campaign_types import TypeEdit, edited, left_out, new_type, settled
from counterpart.domain.campaigns import CampaignType, MemberStatus
from counterpart.errors import ConflictError, InputError
from tests.contracts.stores.samples import MINUTE, NOON, a_type

LABELS = ["A", "B", "C", "D", "E"]


def statuses(*labels: str) -> list[MemberStatus]:
    """Return statuses, of which the last is a success."""
    return [MemberStatus(label=label, success=label == labels[-1]) for label in labels]


def without(campaign_type: CampaignType, label: str, replacement: str) -> CampaignType:
    """Return a type from which one status was removed."""
    left = [
        MemberStatus(label=each.label, success=True)
        for each in campaign_type.statuses
        if each.label != label
    ]
    edit = TypeEdit(statuses=left, replacements={label: replacement})
    return edited(campaign_type, edit, in_use={}, now=NOON)


@pytest.mark.parametrize(
    ("given_statuses", "refusal"),
    [
        ([], "statuses must be a list of 1 to 100"),
        (statuses(*map(str, range(101))), "statuses must be a list of 1 to 100"),
        ([MemberStatus(label="Invited")], "statuses at least one must be a success"),
        (statuses("Sent", " sent "), "statuses.1.label sent is there already"),
        (statuses("Sent", " "), "statuses.1.label must be a line of 1 to 40 characters"),
        (statuses("x" * 41), "statuses.0.label must be a line of 1 to 40 characters"),
        (statuses("one\ntwo"), "statuses.0.label must be a line of 1 to 40 characters"),
    ],
)
def test_statuses_that_are_not_allowed(given_statuses: list[MemberStatus], refusal: str) -> None:
    """One at least has to be a success, labels are unique, and Salesforce has room for each."""
    with pytest.raises(InputError) as raised:
        new_type(
            "webinar",
            name="Webinar",
            description="",
            statuses=given_statuses,
            request_key=None,
            now=NOON,
        )

    assert f"{raised.value.field} {raised.value.detail}".startswith(refusal)


def test_what_is_trimmed() -> None:
    """The space around a label says nothing; 40 characters have room."""
    made = new_type(
        "webinar",
        name=" Webinar ",
        description=" Online ",
        statuses=statuses(" Sent ", "x" * 40),
        request_key=None,
        now=NOON,
    )

    assert (made.name, made.description) == ("Webinar", "Online")
    assert [each.label for each in made.statuses] == ["Sent", "x" * 40]
    assert made.default.label == "Sent"


def test_a_label_is_found_however_it_is_spelt() -> None:
    """As Salesforce does it."""
    webinar = a_type()

    assert webinar.find(" ATTENDED ") == MemberStatus(label="Attended", success=True)
    assert webinar.find("VIP") is None
    assert [webinar.rank(each.label) for each in webinar.statuses] == [0, 1, 2]


def test_a_label_of_no_status_stands_for_the_default() -> None:
    """Whatever was stored, a member has a status of its type."""
    assert a_type().resolve("VIP").label == "Invited"


def test_who_had_a_status_has_its_replacement() -> None:
    """From the write on that removes it, also where the replacement is removed later."""
    first = without(a_type("t", *LABELS), "B", "C")
    second = without(first, "C", "E")

    assert first.resolve("b").label == "C"
    assert [second.resolve(label).label for label in ("A", "B", "C")] == ["A", "E", "E"]
    assert not any(each.settled for each in second.removals)


def test_a_status_in_use_needs_a_replacement() -> None:
    """The refusal says how many members have it."""
    webinar = a_type()
    edit = TypeEdit(statuses=statuses("Invited", "Attended"))

    assert [each.label for each in left_out(webinar, edit)] == ["Registered"]
    with pytest.raises(ConflictError, match="3 members have this status"):
        edited(webinar, edit, in_use={"Registered": 3}, now=NOON)
    with pytest.raises(ConflictError, match="1 member has this status"):
        edited(webinar, edit, in_use={"Registered": 1}, now=NOON)

    after = edited(webinar, edit, in_use={"Registered": 0}, now=NOON)
    assert after.resolve("Registered").label == "Invited"


@pytest.mark.parametrize(
    ("edit", "refusal"),
    [
        (
            TypeEdit(statuses=statuses("Invited", "Attended"), replacements={"Registered": "VIP"}),
            "VIP is not one of statuses",
        ),
        (
            TypeEdit(
                statuses=statuses("Invited", "Attended"),
                replacements={"Registered": "Invited", "Attended": "Invited"},
            ),
            "is not a status that statuses leave out",
        ),
        (TypeEdit(replacements={"Registered": "Invited"}), "goes with statuses"),
    ],
)
def test_a_replacement_that_makes_no_sense(edit: TypeEdit, refusal: str) -> None:
    """It is from what goes to what stays."""
    with pytest.raises(InputError, match=refusal):
        edited(a_type(), edit, in_use={}, now=NOON)


def test_a_label_comes_back_when_nobody_has_it_any_more() -> None:
    """Until then, members would fall back to what they have left."""
    before = a_type("t", "A", "B", "C")
    removed = without(before, "B", "C")
    again = TypeEdit(statuses=before.statuses)

    with pytest.raises(ConflictError, match="B was removed"):
        edited(removed, again, in_use={}, now=NOON)
    back = edited(settled(removed, ["b"]), again, in_use={}, now=NOON + MINUTE)

    assert back.removals == ()
    assert back.resolve("B").label == "B"


def test_statuses_are_spelt_ordered_and_rated_anew() -> None:
    """None of that removes any."""
    restated = [
        MemberStatus(label="attended", success=True),
        MemberStatus(label="REGISTERED", success=True),
        MemberStatus(label="Invited"),
    ]

    after = edited(a_type(), TypeEdit(statuses=restated), in_use={}, now=NOON + MINUTE)

    assert after.statuses == tuple(restated)
    assert after.removals == ()
    assert after.resolve("Registered").success


def test_an_edit_that_changes_nothing_is_no_write() -> None:
    """The very same type comes back."""
    webinar = a_type()
    edit = TypeEdit(name="Webinar ", description="", statuses=list(webinar.statuses))

    assert edited(webinar, edit, in_use={}, now=NOON + MINUTE) is webinar


@given(
    changes=st.lists(
        st.tuples(st.sets(st.sampled_from(LABELS), min_size=1), st.sampled_from(LABELS)),
        max_size=8,
    )
)
def test_every_label_leads_to_a_status_that_there_is(
    changes: list[tuple[set[str], str]],
) -> None:
    """However often statuses go and come back: whoever has one, has one of the type's."""
    current = a_type("t", *LABELS)
    for wanted, replacement in changes:
        kept = sorted(wanted)
        target = replacement if replacement in wanted else kept[0]
        gone = [each.label for each in current.statuses if each.label not in wanted]
        edit = TypeEdit(statuses=statuses(*kept), replacements=dict.fromkeys(gone, target))
        current = edited(settled(current, LABELS), edit, in_use={}, now=NOON)
        for label in gone:
            assert current.resolve(label).label == target
        for label in LABELS:
            assert current.resolve(label) in current.statuses
            assert 0 <= current.rank(label) < len(current.statuses)
    assert replace(current, removals=()).find("A") == current.find("A")
