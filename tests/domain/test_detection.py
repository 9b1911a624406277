"""Auto-detection: what an org has and the mapping does not know yet."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.domain.detection import Detected, SeenField, detected
from counterpart.domain.mapping import FieldMapping, Mode
from counterpart.domain.records import SObject
from counterpart.domain.salesforce_types import BEST, FITS
from counterpart.domain.settings_document import from_document, to_document
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.values import FieldType
from tests.domain.samples import law

BASE = SyncSettings()
LEAD, CONTACT, ACCOUNT = SObject.LEAD, SObject.CONTACT, SObject.ACCOUNT


def seen(path: str, kind: str = "string", *, writable: bool = True) -> SeenField:
    """Return a field as our user sees it."""
    return SeenField(path=path, type=kind, writable=writable)


def by_name(settings: SyncSettings) -> dict[str, FieldMapping]:
    """Return the mapping of people by name."""
    return {field.name: field for field in settings.fields}


def test_a_field_that_is_tracked_already_keeps_its_mapping() -> None:
    """Whatever its mode is and however its name is written: to be left out is a choice, too."""
    tier = FieldMapping(
        name="grade", type=FieldType.ENUM, mode=Mode.DO_NOT_SYNC, paths={LEAD: "tier__C"}
    )
    settings = replace(BASE, fields=(*BASE.fields, tier))

    after, found = detected(settings, {LEAD: [seen("Tier__c", "picklist")]})

    assert after is settings
    assert found == ()


def test_what_is_encrypted_is_left_to_somebody_who_chooses_it() -> None:
    """Our user may see a mask of it, and somebody hides it for a reason."""
    after, found = detected(BASE, {LEAD: [seen("Secret__c", "encryptedstring")]})

    assert after is BASE
    assert found == ()


def test_a_field_of_ours_of_the_same_name_is_joined() -> None:
    """It keeps its type and mode, and gains a place."""
    segment = FieldMapping(
        name="customer_segment", type=FieldType.ENUM, mode=Mode.TWO_WAY, paths={LEAD: "Segment__c"}
    )
    settings = replace(BASE, fields=(*BASE.fields, segment))

    after, _ = detected(settings, {CONTACT: [seen("Customer_Segment__c", "picklist")]})

    assert by_name(after)["customer_segment"] == replace(
        segment, paths={LEAD: "Segment__c", CONTACT: "Customer_Segment__c"}
    )


@pytest.mark.parametrize("order", [(LEAD, CONTACT), (CONTACT, LEAD)])
def test_one_field_on_leads_and_contacts_is_one_field_of_ours(
    order: tuple[SObject, SObject],
) -> None:
    """The same API name unifies, be it seen at once or one after the other."""
    settings = BASE
    for sobject in order:
        settings, found = detected(settings, {sobject: [seen("Customer_Segment__c", "picklist")]})
        assert found == [
            Detected(object=sobject, path="Customer_Segment__c", name="customer_segment")
        ]

    assert by_name(settings)["customer_segment"] == FieldMapping(
        name="customer_segment",
        type=FieldType.ENUM,
        mode=Mode.PREFER_SALESFORCE,
        paths=dict.fromkeys(order, "Customer_Segment__c"),
    )


def test_a_field_that_nobody_may_write_always_comes_from_salesforce() -> None:
    """A formula, or a number that Salesforce counts by itself."""
    after, _ = detected(BASE, {LEAD: [seen("Score__c", "double", writable=False)]})

    assert by_name(after)["score"].mode is Mode.ALWAYS_SALESFORCE


def test_a_field_that_can_be_written_on_one_object_alone() -> None:
    """It does not join a field that goes out, or every edit would be refused there."""
    fields = {
        LEAD: [seen("Score__c", "double")],
        CONTACT: [seen("Score__c", "double", writable=False)],
    }

    after, _ = detected(BASE, fields)

    assert by_name(after)["score"].paths == {LEAD: "Score__c"}
    assert by_name(after)["score_c"].paths == {CONTACT: "Score__c"}
    assert by_name(after)["score_c"].mode is Mode.ALWAYS_SALESFORCE


def test_a_field_of_another_type_does_not_join() -> None:
    """One unsupported pair would cost every value of it."""
    fields = {LEAD: [seen("Since__c", "date")], CONTACT: [seen("Since__c", "boolean")]}

    after, _ = detected(BASE, fields)

    assert by_name(after)["since"].type is FieldType.DATE
    assert by_name(after)["since_c"].type is FieldType.BOOLEAN


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("Customer_Segment__c", "customer_segment"),
        ("CustomerSegment__c", "customer_segment"),
        ("NPSScore2__c", "nps_score2"),
        ("acme__Tier__c", "acme_tier"),
        ("Home__Latitude__s", "home_latitude"),
        ("X2nd_Choice__c", "x2nd_choice"),
        # A name of ours that means something else already.
        ("City__c", "city_c"),
    ],
)
def test_how_a_field_is_named(path: str, name: str) -> None:
    """By its API name, in our spelling."""
    after, _ = detected(BASE, {LEAD: [seen(path, "double" if path.endswith("s") else "string")]})

    assert by_name(after)[name].paths == {LEAD: path}


@pytest.mark.parametrize(
    "field",
    [
        seen("Title"),
        seen("Counterpart_Id__c"),
        seen("Sync_to_Counterpart__c", "boolean"),
        seen("Home__c", "location"),
        seen("Address__c", "address"),
        seen("Tier__pc"),
        seen("Parent__r"),
    ],
)
def test_what_is_none_of_our_business(field: SeenField) -> None:
    """Standard fields are mapped by choice; ours carry no news; compounds have parts."""
    after, found = detected(BASE, {LEAD: [field]})

    assert after is BASE
    assert found == ()


def test_accounts_have_a_mapping_of_their_own() -> None:
    """A company's field is no person's."""
    after, _ = detected(BASE, {ACCOUNT: [seen("Tier__c")], LEAD: [seen("Tier__c")]})

    assert {field.name for field in after.company_fields} - {
        field.name for field in BASE.company_fields
    } == {"tier"}
    assert by_name(after)["tier"].paths == {LEAD: "Tier__c"}


PATHS = st.from_regex(r"\A[A-Za-z][A-Za-z0-9_]{0,20}__[cs]\Z")
FIELDS = st.lists(
    st.builds(
        SeenField,
        path=PATHS,
        type=st.sampled_from([*BEST, "location", "base64"]),
        writable=st.booleans(),
    ),
    max_size=12,
    unique_by=lambda one: one.path.lower(),
)


@law
@given(st.dictionaries(st.sampled_from(SObject), FIELDS, max_size=3))
def test_whatever_is_detected_is_a_valid_document(
    fields: dict[SObject, list[SeenField]],
) -> None:
    """It loads again, was mapped to what it can hold, and is detected once."""
    after, found = detected(BASE, fields)

    assert from_document(to_document(after), base=BASE) == after
    assert detected(after, fields) == (after, ())
    for one in found:
        mapping = after.fields_of(one.object)
        (field,) = [each for each in mapping if each.name == one.name]
        (facts,) = [each for each in fields[one.object] if each.path == one.path]
        assert facts.type in FITS[field.type]
        assert facts.writable or field.mode is Mode.ALWAYS_SALESFORCE


def test_a_mapping_that_is_full() -> None:
    """It grows to what a document may hold, and no further."""
    fields = [seen(f"F{number}__c") for number in range(600)]

    after, found = detected(BASE, {LEAD: fields})

    assert len(after.fields) == 500
    assert len([one for one in found if one.name]) == 500 - len(BASE.fields)
    assert len([one for one in found if one.name is None]) == 100 + len(BASE.fields)
    assert {one.name for one in detected(after, {LEAD: fields})[1]} == {None}


def test_every_type_of_salesforce_has_a_place() -> None:
    """What a type is taken for is a type that can hold it."""
    assert all(kind in FITS[ours] for kind, ours in BEST.items())
    assert set(FITS) == set(FieldType)
