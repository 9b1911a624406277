"""New mappings are held against the org before the settings change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from counterpart.adapters.memory import InMemorySettingsRepository
from counterpart.adapters.memory_org import MemoryOrg
from counterpart.adapters.memory_survey import InMemorySurvey
from counterpart.domain.errands import CheckMapping, parse_errand
from counterpart.domain.mapping import Mode
from counterpart.domain.opportunities import OPPORTUNITY
from counterpart.domain.records import SObject
from counterpart.domain.settings_document import to_document
from counterpart.errors import InputError, TransientError
from counterpart.use_cases.change_settings import change_settings
from counterpart.use_cases.check_mapping import check_mapping
from counterpart.use_cases.preflight import preflight
from tests.use_cases.world import NOON, World

if TYPE_CHECKING:
    from collections.abc import Mapping

    from counterpart.domain.sync_settings import SyncSettings


class Setup:
    """The settings of an org in which a field of each kind awaits us.

    Attributes:
        asked: How often Salesforce was asked.
    """

    def __init__(self) -> None:
        self.asked = 0
        self.silent = False
        self.org = MemoryOrg(lambda: NOON)
        self.settings = InMemorySettingsRepository()
        self.survey = InMemorySurvey(self.org)
        for sobject in (SObject.LEAD, SObject.CONTACT):
            self.org.add_field(sobject, "Score__c", "double", calculated=True, writable=False)
            self.org.add_field(sobject, "Number__c", "string", writable=False)
            self.org.add_field(sobject, "Since__c", "datetime")
            self.org.add_field(sobject, "Tick__c", "boolean")
            self.org.add_field(sobject, "Bio__c", "textarea", rich=True)
            self.org.add_field(sobject, "Photo__c", "base64")
            self.org.add_field(sobject, "Spot__c", "location")
            self.org.add_field(sobject, "Secret__c", "encryptedstring", masked=True)
            self.org.add_field(sobject, "Mail__c", "email", calculated=True, writable=False)
            self.org.add_field(sobject, "Full_Name__c", "string", calculated=True, writable=False)

    def run(self, errand: Mapping[str, object]) -> Mapping[str, object]:
        """Answer as the function does that speaks to Salesforce."""
        if self.silent:
            raise TransientError("create_records did not answer")
        self.asked += 1
        asked = parse_errand(errand)
        assert isinstance(asked, CheckMapping)
        return check_mapping(asked.wanted, survey=self.survey).answer()

    def change(self, *, unchecked: bool = False, **fields: Any) -> SyncSettings:  # noqa: ANN401 - JSON
        """Map these fields besides those that are mapped."""
        now = self.settings.current()
        known = to_document(now)["fields"]
        assert isinstance(known, dict)
        document = {"version": now.version, "fields": {**known, **fields}}
        return self.send(document, unchecked=unchecked)

    def send(self, document: Mapping[str, object], *, unchecked: bool = False) -> SyncSettings:
        """Change the settings by a document."""
        return change_settings(
            document,
            changed_by="ops",
            now=NOON,
            settings=self.settings,
            checked_by=None if unchecked else self,
        )

    def mode_of(self, name: str) -> Mode:
        """Return the mode of a field."""
        return next(one.mode for one in self.settings.current().fields if one.name == name)


@pytest.fixture
def setup() -> Setup:
    """Return one."""
    return Setup()


def mapped(path: str, **more: object) -> dict[str, object]:
    """Return a mapping on both objects of people."""
    return {"salesforce": {"Lead": path, "Contact": path}, **more}


@pytest.mark.parametrize(("path", "kind"), [("Score__c", "number"), ("Number__c", "string")])
def test_a_read_only_field_comes_in_only(setup: Setup, path: str, kind: str) -> None:
    """Unless a mode was chosen, it is always Salesforce's: formula, roll-up, automatic number."""
    setup.change(score=mapped(path, type=kind))

    assert setup.mode_of("score") is Mode.ALWAYS_SALESFORCE


def test_a_field_that_can_be_written_prefers_salesforce(setup: Setup) -> None:
    """As every field does for which nobody has chosen."""
    setup.change(since=mapped("Since__c", type="datetime"))

    assert setup.mode_of("since") is Mode.PREFER_SALESFORCE


@pytest.mark.parametrize("mode", ["two_way", "always_ours", "prefer_salesforce_unless_empty"])
def test_a_mode_that_writes_where_nobody_can(setup: Setup, mode: str) -> None:
    """It is refused with what to do instead, and nothing is changed."""
    with pytest.raises(InputError, match="map it as always_salesforce") as told:
        setup.change(score=mapped("Score__c", type="number", mode=mode))

    assert told.value.field == "fields.score.mode"
    assert setup.settings.versions == []


@pytest.mark.parametrize("mode", [*Mode])
def test_a_field_of_which_our_user_sees_a_mask(setup: Setup, mode: Mode) -> None:
    """The mask would come in as a value, so only what never comes in is taken."""
    entry = mapped("Secret__c", mode=mode.value)
    if mode in {Mode.ALWAYS_OURS, Mode.DO_NOT_SYNC}:
        setup.change(secret=entry)
        assert setup.mode_of("secret") is mode
        return

    with pytest.raises(InputError, match=r"View Encrypted Data|reserved") as told:
        setup.change(secret=entry)

    assert told.value.field == "fields.secret.mode"
    assert setup.settings.versions == []


def test_unchecked(setup: Setup) -> None:
    """Nobody is asked, and the preflight tells."""
    setup.change(unchecked=True, score=mapped("Score__c", type="number", mode="two_way"))

    found = preflight(survey=setup.survey, settings=setup.settings, api_version="66.0")

    assert setup.asked == 0
    findings = found["findings"]
    assert isinstance(findings, list)
    told = {one["check"]: one["status"] for one in findings}
    assert told["fields.Lead.Score__c"] == "warning"


@pytest.mark.parametrize(
    ("name", "entry", "place", "words"),
    [
        (
            "last_name",
            mapped("Full_Name__c", mode="always_salesforce"),
            "fields.last_name.salesforce.Contact",
            "worked out by Salesforce",
        ),
        (
            "email",
            mapped("Mail__c", type="email", mode="always_salesforce"),
            "fields.email.salesforce.Contact",
            "worked out by Salesforce",
        ),
        ("tick", mapped("Tick__c"), "fields.tick.type", "give tick the type boolean"),
        ("spot", mapped("Spot__c"), "fields.spot.type", "map its parts, each by itself"),
        ("photo", mapped("Photo__c"), "fields.photo.type", "map photo to another field"),
        ("bio", mapped("Bio__c", truncate=True), "fields.bio.truncate", "cannot be cut anywhere"),
        (
            "shoe",
            mapped("Shoe__c"),
            "fields.shoe.salesforce.Contact",
            "our user sees no field Shoe__c on Contact",
        ),
        (
            "tier",
            {"salesforce": {"Contact": "Account.Tier__c"}},
            "fields.tier.salesforce.Contact",
            "our user sees no field Tier__c on Account",
        ),
        (
            "tier",
            {"salesforce": {"Contact": "Nobody.Tier__c"}},
            "fields.tier.salesforce.Contact",
            "our user sees no relationship Nobody on Contact",
        ),
    ],
)
def test_what_cannot_be_mapped(
    setup: Setup,
    name: str,
    entry: Any,  # noqa: ANN401 - JSON
    place: str,
    words: str,
) -> None:
    """It is refused by its place in the document."""
    with pytest.raises(InputError, match=words) as told:
        setup.change(**{name: entry})

    assert told.value.field == place


@pytest.mark.parametrize(
    ("entry", "key", "words"),
    [
        ({"salesforce": "Shoe__c"}, "salesforce", "our user sees no field Shoe__c on Opportunity"),
        ({"salesforce": "Nobody.Tier__c"}, "salesforce", "no relationship Nobody on Opportunity"),
        ({"salesforce": "IsWon"}, "type", "give it the type boolean"),
        ({"salesforce": "Photo__c"}, "type", "map it to another field"),
        ({"salesforce": "Secret__c"}, "salesforce", "View Encrypted Data"),
    ],
)
def test_what_of_an_opportunity_cannot_be_mapped(
    setup: Setup, entry: dict[str, str], key: str, words: str
) -> None:
    """It is refused by its place in the document; unchecked, the preflight tells."""
    setup.org.add_field(OPPORTUNITY, "Photo__c", "base64")
    setup.org.add_field(OPPORTUNITY, "Secret__c", "encryptedstring", masked=True)
    document = {
        "version": 0,
        "opportunities": {"enabled": True},
        "opportunity_fields": {"it": entry},
    }

    with pytest.raises(InputError, match=words) as told:
        setup.send(document)
    assert told.value.field == f"opportunity_fields.it.{key}"
    assert setup.settings.versions == []

    setup.send(document, unchecked=True)
    found = preflight(survey=setup.survey, settings=setup.settings, api_version="66.0")
    findings = found["findings"]
    assert isinstance(findings, list)
    told_by = {one["check"]: one["status"] for one in findings}
    assert told_by[f"fields.Opportunity.{entry['salesforce']}"] == "problem"


def test_what_of_an_opportunity_was_mapped_before_is_not_asked_for_again(setup: Setup) -> None:
    """Nor is what was taken away."""
    fields = {"it": {"type": "number", "salesforce": "Amount"}}
    setup.send({"version": 0, "opportunity_fields": fields})
    assert setup.asked == 1

    fields["step"] = {"type": "string", "salesforce": "StageName"}
    setup.send({"version": 1, "opportunity_fields": fields})
    del fields["it"]
    setup.send({"version": 2, "opportunity_fields": fields})

    assert setup.asked == 2
    (field,) = setup.settings.current().opportunities.fields
    assert field.path == "StageName"


def test_what_was_mapped_before_is_not_asked_for_again(setup: Setup) -> None:
    """Only what is new costs a question; a document that repeats it changes nothing."""
    setup.change(score=mapped("Score__c", type="number"))
    asked = setup.asked

    setup.change()
    setup.change(
        score=mapped("Score__c", type="number", mode="always_salesforce"),
        since=mapped("Since__c", type="datetime", mode="do_not_sync"),
    )

    assert asked == 1
    assert setup.asked == asked + 1
    known = to_document(setup.settings.current())["fields"]
    assert isinstance(known, dict)
    again_all: Any = {name: {**entry, "mapped_at": {}} for name, entry in known.items()}
    setup.change(**again_all)
    assert setup.asked == asked + 1
    again = setup.change(score=mapped("Score__c", type="number"))
    assert again.version == setup.settings.current().version == 2


def test_a_field_that_is_not_to_be_synced(setup: Setup) -> None:
    """Whatever it is mapped to, nothing of it crosses."""
    setup.change(shoe=mapped("Shoe__c", mode="do_not_sync"))

    assert setup.mode_of("shoe") is Mode.DO_NOT_SYNC


def test_salesforce_cannot_be_asked(setup: Setup) -> None:
    """Nothing is changed, and the sender is told how to go on."""
    setup.silent = True

    with pytest.raises(InputError, match="unchecked=true"):
        setup.change(score=mapped("Score__c", type="number"))

    assert setup.settings.versions == []


def test_a_simulation_knows_the_mode_that_a_change_would_give() -> None:
    """What it says is what will happen."""
    world = World()
    world.org.add_field(SObject.LEAD, "Score__c", "double", calculated=True, writable=False)
    lead_id = world.lead()
    world.pull()
    world.edit(world.the_contact().id, city="Bern")
    known = to_document(world.settings.current())["fields"]
    assert isinstance(known, dict)
    wanted = {**known, "score": {"type": "number", "salesforce": {"Lead": "Score__c"}}}

    told = world.simulate({"fields": wanted})

    assert told["problems"] == []
    assert world.org.row(lead_id)["Score__c"] is None


@pytest.mark.failure("F25")
def test_a_read_only_field_is_never_sent_where_that_is_known() -> None:
    """Also where its mode says otherwise, because nobody was asked when it was chosen."""
    setup = Setup()
    setup.change(unchecked=True, score=mapped("Score__c", type="number", mode="always_ours"))
    world = World(setup.settings.current())
    for sobject in (SObject.LEAD, SObject.CONTACT):
        world.org.add_field(sobject, "Score__c", "double", calculated=True, writable=False)
    lead_id = world.lead()
    world.pull()

    world.edit(world.the_contact().id, score=7, city="Bern")
    world.settle()

    assert world.org.row(lead_id)["City"] == "Bern"
    assert [one for one in world.outcomes() if one.code] == []
    assert world.the_contact().waiting is None
