"""Fields of every type, between a contact and its record: told until nothing has to be done."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from counterpart.domain.mapping import ConflictPolicy, FieldMapping, Mode
from counterpart.domain.outcomes import Action, Reason
from counterpart.domain.records import AnyObject, SObject
from counterpart.domain.standard_fields import CONTACT_FIELDS
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.values import FieldType
from tests.use_cases.world import World

PATH = "Any__c"
BOTH: dict[AnyObject, str] = dict.fromkeys((SObject.LEAD, SObject.CONTACT), PATH)


def a_world(
    kind: FieldType,
    there: str,
    *,
    mode: Mode = Mode.TWO_WAY,
    zone: str = "Europe/Berlin",
    policy: ConflictPolicy = ConflictPolicy.THREE_WAY,
    truncate: bool = False,
    **shape: Any,  # noqa: ANN401 - of a place
) -> World:
    """Return a world with one field more, of these types."""
    field = FieldMapping(name="any", type=kind, mode=mode, paths=BOTH, truncate=truncate)
    world = World(
        SyncSettings(time_zone=zone, conflict_policy=policy, fields=(*CONTACT_FIELDS, field))
    )
    for sobject in BOTH:
        world.org.add_field(sobject, PATH, there, **shape)
    return world


def rest(world: World) -> None:
    """Let everything settle, and see that nothing is left to do."""
    world.settle()
    written = world.writes_of("salesforce", "contacts")
    world.settle(rounds=3)
    assert world.writes_of("salesforce", "contacts") == written
    assert all(contact.waiting is None for contact in world.everybody())


# --- Days and moments ---------------------------------------------------------------------------


@pytest.mark.failure("F49")
@pytest.mark.parametrize("policy", ConflictPolicy)
@pytest.mark.parametrize("made", ["here", "there"])
def test_a_date_of_ours_where_salesforce_keeps_moments(made: str, policy: ConflictPolicy) -> None:
    """It is midnight in the time zone of the settings; another hour of that day is no news."""
    world = a_world(FieldType.DATE, "datetime", policy=policy)
    if made == "here":
        contact_id = world.add(sync=True, any="2026-07-01")
    else:
        world.lead(**{PATH: "2026-06-30T22:00:00.000+0000"})
        world.pull()
        contact_id = world.the_contact().id
    rest(world)
    record_id = world.contact(contact_id).counterpart.record_id  # type: ignore[union-attr] # linked
    assert world.contact(contact_id).ledger.values["any"] == "2026-07-01"
    assert str(world.org.row(record_id)[PATH]).startswith("2026-06-30T22:00:00")

    world.org.edit(record_id, {PATH: "2026-07-01T15:00:00Z"})
    rest(world)
    assert world.contact(contact_id).ledger.values["any"] == "2026-07-01"
    assert world.org.row(record_id)[PATH] == "2026-07-01T15:00:00Z"

    world.org.edit(record_id, {PATH: "2026-07-01T22:30:00Z"})
    rest(world)
    assert world.contact(contact_id).ledger.values["any"] == "2026-07-02"

    world.edit(contact_id, any="2026-01-05")
    rest(world)
    assert world.org.row(record_id)[PATH] == "2026-01-04T23:00:00Z"

    world.edit(contact_id, any=None)
    rest(world)
    assert world.org.row(record_id)[PATH] is None


@pytest.mark.failure("F49")
@pytest.mark.parametrize("policy", ConflictPolicy)
@pytest.mark.parametrize("made", ["here", "there"])
def test_a_moment_of_ours_where_salesforce_keeps_dates(made: str, policy: ConflictPolicy) -> None:
    """Salesforce has the day, we keep the hour; another day there is the beginning of it here."""
    world = a_world(FieldType.DATETIME, "date", policy=policy)
    if made == "here":
        contact_id = world.add(sync=True, any="2026-06-30T22:30:00Z")
    else:
        world.lead(**{PATH: "2026-07-01"})
        world.pull()
        contact_id = world.the_contact().id
        assert world.contact(contact_id).ledger.values["any"] == "2026-06-30T22:00:00Z"
        world.edit(contact_id, any="2026-06-30T22:30:00Z")
    rest(world)
    record_id = world.contact(contact_id).counterpart.record_id  # type: ignore[union-attr] # linked
    assert world.org.row(record_id)[PATH] == "2026-07-01"

    # Somebody changes something else there.
    world.org.edit(record_id, {"Title": "CTO"})
    rest(world)
    assert world.contact(contact_id).ledger.values["any"] == "2026-06-30T22:30:00Z"

    # Another hour of the same day writes nothing.
    before = world.writes_of("salesforce")
    world.edit(contact_id, any="2026-07-01T09:00:00Z")
    rest(world)
    assert world.writes_of("salesforce") == before
    assert world.contact(contact_id).ledger.values["any"] == "2026-07-01T09:00:00Z"

    world.org.edit(record_id, {PATH: "2026-07-03"})
    rest(world)
    assert world.contact(contact_id).ledger.values["any"] == "2026-07-02T22:00:00Z"

    world.edit(contact_id, any="2026-07-03T23:00:00Z")
    rest(world)
    assert world.org.row(record_id)[PATH] == "2026-07-04"


@pytest.mark.failure("F49")
def test_a_date_of_ours_where_salesforce_keeps_texts() -> None:
    """What is a date there comes in; any other text stays there, is told, and clears nothing."""
    world = a_world(FieldType.DATE, "string", length=40)
    lead_id = world.lead(**{PATH: "2026-07-01"})
    world.pull()
    contact_id = world.the_contact().id
    rest(world)
    assert world.contact(contact_id).ledger.values["any"] == "2026-07-01"

    world.edit(contact_id, any="2026-07-02")
    rest(world)
    assert world.org.row(lead_id)[PATH] == "2026-07-02"

    world.wait()
    world.org.edit(lead_id, {PATH: "in July", "Title": "CTO"})
    rest(world)
    assert world.contact(contact_id).ledger.values["any"] == "2026-07-02"
    assert world.contact(contact_id).ledger.values["job_title"] == "CTO"
    assert world.org.row(lead_id)[PATH] == "in July"
    assert Reason.UNREADABLE_VALUE in world.reasons()


def test_the_zone_is_changed() -> None:
    """It holds for what happens afterwards: nothing is rewritten on either side by itself."""
    world = a_world(FieldType.DATE, "datetime", mode=Mode.PREFER_SALESFORCE)
    lead_id = world.lead(**{PATH: "2026-06-30T22:30:00Z"})
    world.pull()
    rest(world)

    world.change(time_zone="UTC")
    rest(world)

    assert world.the_contact().ledger.values["any"] == "2026-07-01"
    world.wait()
    world.org.edit(lead_id, {"Title": "CTO"})
    rest(world)
    assert world.the_contact().ledger.values["any"] == "2026-06-30"
    assert world.org.row(lead_id)[PATH] == "2026-06-30T22:30:00Z"


# --- Texts that are too long --------------------------------------------------------------------

LONG = "The Countess of Lovelace"


@pytest.mark.failure("F19")
def test_a_text_that_is_too_long_stays_here_unless_it_may_be_cut() -> None:
    """The field is set aside with a warning, and the rest crosses."""
    world = a_world(FieldType.TEXT, "textarea", length=10)
    lead_id = world.lead()
    world.pull()

    world.edit(world.the_contact().id, any=LONG, city="Bern")
    world.wait()
    world.push()

    assert (world.org.row(lead_id)[PATH], world.org.row(lead_id)["City"]) == (None, "Bern")
    (told,) = [one for one in world.outcomes() if one.reason is Reason.FIELD_SET_ASIDE]
    assert (told.field, told.code) == ("any", "STRING_TOO_LONG")


@pytest.mark.failure("F49")
@pytest.mark.parametrize("mode", [Mode.TWO_WAY, Mode.PREFER_SALESFORCE, Mode.ALWAYS_OURS])
@pytest.mark.parametrize("policy", ConflictPolicy)
@pytest.mark.parametrize("way", ["created", "pushed", "by job"])
def test_a_text_that_may_be_cut(mode: Mode, policy: ConflictPolicy, way: str) -> None:
    """It is told, ours stays whole, and what comes back is an echo, whatever else changes there."""
    world = a_world(FieldType.TEXT, "textarea", mode=mode, policy=policy, truncate=True, length=10)
    people = [f"{name}@example.com" for name in ("ada", "bob")]
    if way == "by job":
        world.change(outbound=replace(world.settings.current().outbound, bulk_above=1))
    if way == "created":
        for email in people:
            world.add(email, sync=True, any=LONG)
    else:
        for email in people:
            world.lead(email)
        world.pull()
        for contact in world.everybody():
            world.edit(contact.id, any=LONG)
    rest(world)
    assert bool(world.writes_of("job")) == (way == "by job")
    leads = world.org.rows(SObject.LEAD)
    assert [lead[PATH] for lead in leads] == ["The Counte"] * 2

    world.wait()
    for lead in list(leads):
        world.org.edit(lead["Id"], {"Title": "Countess"})
    rest(world)

    for contact in world.everybody():
        assert contact.ledger.values["any"] == LONG
        assert contact.ledger.values["job_title"] == "Countess"
    assert [lead[PATH] for lead in world.org.rows(SObject.LEAD)] == ["The Counte"] * 2
    told = [one for one in world.outcomes() if one.reason is Reason.TRUNCATED]
    assert [(one.action, one.field) for one in told] == [(Action.WARNED, "any")] * 2
    assert all("10 characters" in one.message for one in told)


def test_a_cut_text_is_edited_on_either_side() -> None:
    """Theirs replaces ours when a rep writes another one; ours goes out, cut, when we do."""
    world = a_world(FieldType.TEXT, "textarea", truncate=True, length=10)
    lead_id = world.lead()
    world.pull()
    contact_id = world.the_contact().id
    world.edit(contact_id, any=LONG)
    rest(world)

    world.wait()
    world.org.edit(lead_id, {PATH: "The Count"})
    rest(world)
    assert world.contact(contact_id).ledger.values["any"] == "The Count"

    world.edit(contact_id, any="Ada, Countess of Lovelace")
    rest(world)
    assert world.org.row(lead_id)[PATH] == "Ada, Count"
    # Behind the cut, nothing of an edit is seen there.
    before = world.writes_of("salesforce")
    world.edit(contact_id, any="Ada, Countess")
    rest(world)
    assert world.writes_of("salesforce") == before


def test_a_field_that_grows() -> None:
    """Once there is more room, the rest goes out with the next change; nothing of ours is lost."""
    world = a_world(FieldType.TEXT, "textarea", truncate=True, length=10)
    lead_id = world.lead()
    world.pull()
    world.edit(world.the_contact().id, any=LONG)
    rest(world)

    world.org.shape(SObject.LEAD, PATH, length=100)
    world.wait()
    world.org.edit(lead_id, {"Title": "Countess"})
    rest(world)

    assert world.the_contact().ledger.values["any"] == LONG
    assert world.org.row(lead_id)[PATH] == LONG


# --- Numbers, choices, boxes ----------------------------------------------------------------------


@pytest.mark.failure("F49")
@pytest.mark.parametrize("mode", [Mode.TWO_WAY, Mode.PREFER_SALESFORCE, Mode.ALWAYS_OURS])
@pytest.mark.parametrize(
    ("kind", "there", "shape", "ours"),
    [
        (FieldType.NUMBER, "currency", {"scale": 2}, 1.005),
        (FieldType.NUMBER, "double", {"scale": 0}, 2.4),
        (FieldType.NUMBER, "percent", {"scale": 2}, 25),
        (FieldType.NUMBER, "double", {"scale": 2}, "1.0"),
        (FieldType.ENUM, "picklist", {"choices": ("Hot", "Cold")}, "hot"),
        (FieldType.ENUM, "double", {"scale": 1}, "2.50"),
        (FieldType.MULTI_ENUM, "multipicklist", {"choices": ("Tea", "Chess")}, ["tea", "Chess"]),
        (FieldType.DATETIME, "datetime", {}, "2026-11-22T11:00:00.123+01:00"),
        (FieldType.STRING, "string", {}, "  Ada "),
        (FieldType.TEXT, "textarea", {}, "one\r\ntwo\rthree\n"),
        (FieldType.TEXT, "textarea", {}, "🙂\U0001f468‍👩‍👧"),
        (FieldType.BOOLEAN, "boolean", {}, False),
        (FieldType.BOOLEAN, "boolean", {}, True),
        (FieldType.URL, "url", {}, "HTTPS://Acme.example/"),
        (FieldType.PHONE, "phone", {}, "+1 (415) 555-0132"),
    ],
)
def test_a_value_as_salesforce_keeps_it(
    mode: Mode, kind: FieldType, there: str, shape: dict[str, Any], ours: object
) -> None:
    """One write goes out for it, however often the record is changed or the contact pushed."""
    world = a_world(kind, there, mode=mode, **shape)
    lead_id = world.lead()
    world.pull()
    contact_id = world.the_contact().id
    world.edit(contact_id, any=ours)
    rest(world)
    assert world.writes_of("salesforce.update") <= 1

    before = world.writes_of("salesforce.update")
    for title in ("CTO", "CEO"):
        world.wait()
        world.org.edit(lead_id, {"Title": title})
        rest(world)
        world.push(contact_ids=[contact_id])
    assert world.writes_of("salesforce.update") == before
    assert world.explain(contact_id)["contact"]["waiting"] is None


def test_a_field_that_became_a_text_there() -> None:
    """Ours waits for a number there; people are told of the value, and not of a missing field."""
    world = a_world(FieldType.NUMBER, "double")
    lead_id = world.lead(Any__c=3.0)
    world.wait()
    world.pull()
    contact_id = world.the_contact().id
    world.wait(60)
    world.org.types[SObject.LEAD][PATH] = "string"
    world.org.edit(lead_id, {PATH: "three"})
    world.pull()
    world.edit(contact_id, any=5)
    world.push()

    told = world.explain(contact_id)["contact"]
    (any_field,) = (each for each in told["fields"] if each["name"] == "any")

    assert world.org.row(lead_id)[PATH] == "three"
    assert [(each.reason, each.field) for each in world.outcomes()] == [
        (Reason.UNREADABLE_VALUE, "any"),
        (Reason.UNREADABLE_VALUE, "any"),
    ]
    assert "no value of the field's type" in any_field["pull"]["why"]
    assert "no value of the field's type" in any_field["push"]["why"]

    world.org.edit(lead_id, {PATH: None})
    world.wait(60)
    world.edit(contact_id, any=6)
    world.settle()
    assert world.org.row(lead_id)[PATH] == 6
    assert not world.waits(contact_id)


@pytest.mark.failure("F49")
@pytest.mark.parametrize("met", ["born of it", "met by it"])
def test_a_value_that_cannot_be_read_is_told_when_its_record_first_comes(met: str) -> None:
    """The rest comes in; nobody has to edit the record before they hear of it."""
    world = a_world(FieldType.NUMBER, "string")
    if met == "met by it":
        world.add()
    world.lead(Any__c="three", Title="CTO")
    world.wait()

    world.pull()

    assert world.the_contact().ledger.values["job_title"] == "CTO"
    told = [each.field for each in world.outcomes() if each.reason is Reason.UNREADABLE_VALUE]
    assert told == ["any"]


@pytest.mark.failure("F18")
def test_a_record_that_is_larger_than_we_can_keep() -> None:
    """Its largest values stay there and are told; the rest comes in, and so do its neighbours."""
    fields = [
        FieldMapping(
            name=f"note_{number}",
            type=FieldType.TEXT,
            mode=Mode.TWO_WAY,
            paths={SObject.LEAD: path},
        )
        for number, path in enumerate(("A__c", "B__c", "C__c"))
    ]
    world = World(SyncSettings(fields=(*CONTACT_FIELDS, *fields)))
    for field in fields:
        world.org.add_field(SObject.LEAD, field.paths[SObject.LEAD], "textarea", length=131_072)
    large = world.lead(A__c="\u00e9" * 20_000, B__c="b" * 100_000, C__c="c" * 20_000)
    other = world.lead("bob@example.com")
    world.wait()
    world.pull()

    held = world.of(large).ledger
    assert {name for name in held.values if name.startswith("note")} == {"note_0", "note_2"}
    assert "note_1" not in held.shadows
    assert world.of(other).counterpart
    told = [each.field for each in world.outcomes() if each.reason is Reason.UNREADABLE_VALUE]
    assert told == ["note_1"]

    world.wait()
    world.org.edit(large, {"B__c": "shorter"})
    rest(world)
    assert world.of(large).ledger.values["note_1"] == "shorter"


@pytest.mark.failure("F62")
def test_a_choice_that_the_picklist_lacks() -> None:
    """That field is dropped with a warning, and the rest goes."""
    world = a_world(FieldType.ENUM, "picklist", choices=("Hot", "Cold"))
    lead_id = world.lead()
    world.pull()

    world.edit(world.the_contact().id, any="Lukewarm", city="Bern")
    world.wait()
    world.push()

    assert (world.org.row(lead_id)[PATH], world.org.row(lead_id)["City"]) == (None, "Bern")
    told = [(one.field, one.code) for one in world.outcomes() if one.action is Action.WARNED]
    assert told == [("any", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")]


@pytest.mark.failure("F62")
@pytest.mark.parametrize("made", ["here", "there"])
def test_a_currency_that_the_org_lacks(made: str) -> None:
    """The amount stays here with it, since 10 francs are not 10 euros; the rest crosses."""
    currency, amount = (
        FieldMapping(name=name, type=kind, mode=Mode.TWO_WAY, paths=dict.fromkeys(BOTH, path))
        for name, kind, path in (
            ("currency", FieldType.ENUM, "CurrencyIsoCode"),
            ("amount", FieldType.NUMBER, "Amount__c"),
        )
    )
    world = World(SyncSettings(fields=(*CONTACT_FIELDS, currency, amount)))
    for sobject in BOTH:
        world.org.add_field(sobject, "CurrencyIsoCode", "picklist", choices=("EUR", "USD"))
        world.org.add_field(sobject, "Amount__c", "currency", scale=2)
    if made == "there":
        world.lead()
        world.pull()
        contact_id = world.the_contact().id
        world.edit(contact_id, currency="CHF", amount=10, city="Bern")
    else:
        contact_id = world.add(sync=True, currency="CHF", amount=10, city="Bern")
    world.settle()

    row = world.row_of(contact_id)
    assert (row["CurrencyIsoCode"], row["Amount__c"], row["City"]) == (None, None, "Bern")
    told = {one.field for one in world.outcomes() if one.reason is Reason.FIELD_SET_ASIDE}
    assert told == {"currency", "amount"}

    world.edit(contact_id, currency="USD")
    rest(world)

    row = world.row_of(contact_id)
    assert (row["CurrencyIsoCode"], row["Amount__c"]) == ("USD", 10)
