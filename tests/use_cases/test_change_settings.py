"""Changing the settings, each time by a version of its own."""

from collections.abc import Mapping
from typing import Any

import pytest

from counterpart.adapters.memory import InMemorySettingsRepository
from counterpart.domain.errands import CheckCriteria, parse_errand
from counterpart.domain.records import SObject
from counterpart.domain.settings_document import to_document
from counterpart.domain.sync_settings import SyncSettings
from counterpart.errors import InputError, StaleVersionError, TransientError
from counterpart.use_cases.change_settings import change_settings
from tests.use_cases.world import NOON


def change(settings: InMemorySettingsRepository, document: dict[str, Any]) -> SyncSettings:
    """Change the settings at noon."""
    return change_settings(document, changed_by="ops", now=NOON, settings=settings)


def test_a_change_is_the_next_version() -> None:
    """It is stored with who made it, and when."""
    settings = InMemorySettingsRepository()

    changed = change(settings, {"version": 0, "outbound": {"max_waiting": 7}})

    (version,) = settings.versions
    assert changed == settings.current() == version.settings
    assert (changed.version, changed.outbound.max_waiting) == (1, 7)
    assert (version.changed_by, version.changed_at) == ("ops", NOON)


def test_what_was_read_is_written_back() -> None:
    """A document that changes nothing makes no version."""
    settings = InMemorySettingsRepository()

    change(settings, to_document(settings.current()))

    assert settings.versions == []


def test_switching_on_remembers_the_moment() -> None:
    """What changed while an object was off stays outside; the system alone sets the moment."""
    settings = InMemorySettingsRepository()
    off: dict[str, Any] = {"objects": {"Lead": {"enabled": False}}}
    on: dict[str, Any] = {
        "objects": {"Lead": {"enabled": True, "enabled_at": "2020-01-01T00:00:00Z"}}
    }

    change(settings, {"version": 0, "inbound": off})
    changed = change(settings, {"version": 1, "inbound": on})

    assert changed.inbound.objects[SObject.LEAD].enabled_at == NOON


def test_a_change_that_builds_on_an_old_version() -> None:
    """Nobody overwrites what they have not seen."""
    settings = InMemorySettingsRepository()
    change(settings, {"version": 0, "outbound": {"max_waiting": 7}})

    with pytest.raises(StaleVersionError) as refusal:
        change(settings, {"version": 0, "outbound": {"max_waiting": 8}})

    assert refusal.value.field == "version"
    assert settings.current().outbound.max_waiting == 7


def test_a_change_that_names_no_version() -> None:
    """It has to say what it builds on."""
    with pytest.raises(InputError) as refusal:
        change(InMemorySettingsRepository(), {"outbound": {"max_waiting": 8}})

    assert refusal.value.field == "version"


class Checker:
    """The function that speaks to Salesforce, and what it answers to criteria.

    Attributes:
        asked: What it was asked.
    """

    def __init__(self, *complaints: dict[str, str], failure: Exception | None = None) -> None:
        self._complaints = list(complaints)
        self._failure = failure
        self.asked: list[Mapping[str, object]] = []

    def run(self, errand: Mapping[str, object]) -> Mapping[str, object]:
        """Answer."""
        self.asked.append(errand)
        if self._failure:
            raise self._failure
        return {"complaints": self._complaints}


CRITERIA: dict[str, Any] = {
    "mode": "criteria",
    "criteria": {"all": [{"field": "Rating", "operator": "equals", "value": "Hot"}]},
}
BY_CRITERIA: dict[str, Any] = {
    "version": 0,
    "inbound": {"objects": {"Lead": {"selection": CRITERIA}}},
}


def change_checked(
    settings: InMemorySettingsRepository, checker: Checker, document: dict[str, Any]
) -> SyncSettings:
    """Change the settings, and have new criteria checked."""
    return change_settings(
        document, changed_by="ops", now=NOON, settings=settings, checked_by=checker
    )


@pytest.mark.parametrize("selection", [CRITERIA, {"mode": "marked"}])
def test_a_new_selection_is_held_against_what_salesforce_knows(selection: dict[str, Any]) -> None:
    """Once; a later change of something else does not ask again."""
    settings, checker = InMemorySettingsRepository(), Checker()
    wanted = {"version": 0, "inbound": {"objects": {"Lead": {"selection": selection}}}}

    changed = change_checked(settings, checker, wanted)
    change_checked(settings, checker, {"version": 1, "outbound": {"max_waiting": 7}})

    (asked,) = checker.asked
    assert parse_errand(asked) == CheckCriteria(
        selections={SObject.LEAD: changed.inbound.objects[SObject.LEAD].selection}
    )


def test_criteria_that_salesforce_would_not_take() -> None:
    """The first complaint is told with its place, and nothing is changed."""
    settings = InMemorySettingsRepository()
    place = "inbound.objects.Lead.selection.criteria.all.0.field"
    complaint = {"field": place, "message": "our user sees no field Rating on Lead"}

    with pytest.raises(InputError, match=r"no field Rating on Lead \(and 1 more\)") as told:
        change_checked(settings, Checker(complaint, complaint), BY_CRITERIA)

    assert told.value.field == place
    assert settings.versions == []


def test_salesforce_cannot_be_asked() -> None:
    """Nothing is changed, and the sender is told how to go on."""
    settings = InMemorySettingsRepository()
    checker = Checker(failure=TransientError("create_records did not answer"))

    with pytest.raises(InputError, match="unchecked=true"):
        change_checked(settings, checker, BY_CRITERIA)
    assert settings.versions == []

    assert change(settings, BY_CRITERIA).version == 1
