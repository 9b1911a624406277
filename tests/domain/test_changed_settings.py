"""Every setting is simulated, or the simulation says why not."""

import re
from dataclasses import replace

import pytest

from counterpart.domain.changed_settings import TOLD, changed_settings, settings_of, telling_of
from counterpart.domain.mapping import FieldMapping, Mode
from counterpart.domain.opportunities import OpportunityField, OpportunitySettings
from counterpart.domain.records import CampaignObject, SObject
from counterpart.domain.selection import Selection, SelectionMode
from counterpart.domain.switching import switched
from counterpart.domain.sync_settings import Guard, SyncSettings
from counterpart.domain.values import FieldType
from tests.use_cases.world import NOON

FULL = SyncSettings(
    member_fields=(
        FieldMapping(
            name="seat",
            type=FieldType.STRING,
            mode=Mode.TWO_WAY,
            paths={CampaignObject.MEMBER: "Seat__c"},
        ),
    ),
    opportunities=OpportunitySettings(
        fields=(OpportunityField(name="next_step", type=FieldType.STRING, path="NextStep"),)
    ),
)


@pytest.mark.parametrize("place", settings_of(FULL))
def test_every_setting_is_told_of(place: str) -> None:
    """It has a part of the answer, or a reason, and never both; nothing is told in two ways."""
    telling = telling_of(place)

    assert bool(telling.shown_in) is not bool(telling.why_not)


def test_nothing_is_told_of_that_is_no_setting() -> None:
    """Each pattern is of a setting that the document has."""
    places = list(settings_of(FULL))

    assert all(any(re.fullmatch(pattern, place) for place in places) for pattern in TOLD)


def test_what_the_system_notes_is_no_change() -> None:
    """Neither the version nor the moment at which something is switched on."""
    lead = FULL.inbound.objects[SObject.LEAD]
    off = replace(lead, enabled=False, selection=Selection(mode=SelectionMode.NONE))
    before = replace(
        FULL, inbound=replace(FULL.inbound, objects={**FULL.inbound.objects, SObject.LEAD: off})
    )
    changed = changed_settings(before, switched(before, FULL, now=NOON))

    assert [one.setting for one in changed] == [
        "inbound.objects.Lead.enabled",
        "inbound.objects.Lead.selection",
    ]
    assert changed_settings(FULL, switched(FULL, FULL, now=NOON)) == ()


def test_both_values_are_told() -> None:
    """As the document has them; what is not there is null."""
    (number,) = changed_settings(FULL, replace(FULL, guard=Guard(minimum=7)))
    (field,) = changed_settings(FULL, replace(FULL, member_fields=()))

    assert number.answer() == {
        "setting": "guard.minimum",
        "before": 100,
        "after": 7,
        "shown_in": ["effects"],
    }
    assert (field.setting, field.after) == ("member_fields.seat", None)
    assert field.telling.why_not


def test_a_field_that_is_cut_from_now_on() -> None:
    """It is judged like any other change of a field."""
    title = next(one for one in FULL.fields if one.name == "job_title")
    others = tuple(one for one in FULL.fields if one.name != "job_title")
    cut = replace(title, truncate=True)

    (changed,) = changed_settings(FULL, replace(FULL, fields=(*others, cut)))

    assert changed.telling.shown_in == ("fields", "creation_values")
