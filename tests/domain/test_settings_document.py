"""The settings document: what may be written, what is refused, and where it says so."""

import copy
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as checks
from hypothesis import strategies as st

from counterpart.domain.creation_requests import CreateAs
from counterpart.domain.creation_settings import (
    Creation,
    NameSource,
    NewRecords,
    OnDuplicate,
    OnExistingMatch,
)
from counterpart.domain.inbound_settings import INTERVALS, Inbound, InboundObject, OnRemoteDelete
from counterpart.domain.mapping import ConflictPolicy, FieldMapping, Mode
from counterpart.domain.outbound_settings import Outbound, OutboundObject, Pace
from counterpart.domain.records import CampaignObject, SObject
from counterpart.domain.selection import (
    Criterion,
    Group,
    Junction,
    Operator,
    Selection,
    SelectionMode,
)
from counterpart.domain.selection_document import (
    selection_from_document,
    selection_to_document,
)
from counterpart.domain.settings_document import from_document, to_document
from counterpart.domain.standard_fields import COMPANY_FIELDS, CONTACT_FIELDS
from counterpart.domain.sync_settings import Campaigns, Guard, OnRemoteRemoval, SyncSettings
from counterpart.domain.values import FieldType
from counterpart.errors import InputError

BASE = SyncSettings()
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

SEAT = FieldMapping(
    name="seat",
    type=FieldType.NUMBER,
    mode=Mode.TWO_WAY,
    paths={CampaignObject.MEMBER: "Seat__c"},
)

API_NAMES = st.sampled_from(["Title", "Rating", "Tier__c", "acme__Tier__c"])
PATHS = st.lists(API_NAMES, min_size=1, max_size=3).map(".".join)
MOMENTS = st.none() | st.integers(0, 10**12).map(lambda n: NOON + timedelta(microseconds=n))
TEXTS = st.sampled_from(["Hot", "it's", "a\\b", "100 %", " x ", "東京"])
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)


def criteria_values(operator: Operator) -> st.SearchStrategy[Any]:
    """Return values that *operator* takes."""
    if operator in {Operator.IS_BLANK, Operator.IS_NOT_BLANK}:
        return st.none()
    if operator in {Operator.IN, Operator.NOT_IN, Operator.INCLUDES}:
        return st.lists(TEXTS, min_size=1, max_size=3).map(tuple)
    if operator in {Operator.CONTAINS, Operator.STARTS_WITH}:
        return TEXTS
    if operator in {Operator.EQUALS, Operator.NOT_EQUALS}:
        return TEXTS | NUMBERS | st.booleans()
    return TEXTS | NUMBERS


CRITERIA = st.sampled_from(Operator).flatmap(
    lambda operator: st.builds(
        Criterion, field=PATHS, operator=st.just(operator), value=criteria_values(operator)
    )
)


def groups(members: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return groups of *members*."""
    return st.builds(
        Group,
        junction=st.sampled_from(Junction),
        members=st.lists(members, min_size=1, max_size=3).map(tuple),
    )


SELECTIONS = st.builds(
    Selection,
    mode=st.sampled_from(SelectionMode),
    since=MOMENTS,
    marker=API_NAMES,
    criteria=groups(CRITERIA | groups(CRITERIA | groups(CRITERIA))),
)


def by_object(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return one of *values* for each object."""
    return st.fixed_dictionaries(dict.fromkeys(SObject, values))


SECTIONS = ["inbound", "outbound", "creation", "campaigns", "guard"]
SETTINGS = st.builds(
    SyncSettings,
    version=st.integers(0, 2**53),
    inbound=st.builds(
        Inbound,
        objects=by_object(
            st.builds(
                InboundObject,
                enabled=st.booleans(),
                enabled_at=MOMENTS,
                interval_minutes=st.sampled_from(INTERVALS),
                selection=st.builds(
                    Selection,
                    mode=st.sampled_from(SelectionMode).filter(
                        lambda mode: mode is not SelectionMode.CRITERIA
                    ),
                    since=MOMENTS,
                    marker=API_NAMES,
                ),
            )
        ),
        overlap_minutes=st.integers(1, 1440),
        on_remote_delete=st.sampled_from(OnRemoteDelete),
    ),
    outbound=st.builds(
        Outbound,
        enabled=st.booleans(),
        enabled_at=MOMENTS,
        objects=by_object(st.builds(OutboundObject, enabled=st.booleans(), enabled_at=MOMENTS)),
        pace=st.sampled_from(Pace),
        max_waiting=st.integers(1, 10_000),
        max_wait_minutes=st.integers(1, 1440),
        max_attempts=st.integers(1, 100),
        api_share_percent=st.integers(1, 100),
    ),
    creation=st.builds(
        Creation,
        create_as=st.sampled_from(CreateAs),
        match_accounts_by_domain=st.booleans(),
        create_accounts=st.booleans(),
        free_mail_domains=st.sets(st.sampled_from(["example.com", "mail.example.org"])).map(tuple),
        work_domains=st.sets(st.sampled_from(["acme.example", "xn--mller-kva.example"])).map(tuple),
        on_existing_match=st.sampled_from(OnExistingMatch),
        on_duplicate=st.sampled_from(OnDuplicate),
        last_name_from=st.lists(st.sampled_from(NameSource), unique=True).map(tuple),
        company_from_domain=st.booleans(),
        not_provided=st.sampled_from(["[not provided]", "unknown"]),
        records=st.fixed_dictionaries(
            {
                SObject.LEAD: st.builds(
                    NewRecords,
                    record_type_id=st.sampled_from(["", "012000000000001AAA"]),
                    lead_source=st.sampled_from(["", "Website"]),
                    assignment_rule=st.sampled_from(["", "default", "01Q000000000001EAA"]),
                ),
                SObject.CONTACT: st.builds(
                    NewRecords,
                    owner_id=st.sampled_from(["", "005000000000001AAA", "00G000000000001EAA"]),
                ),
                SObject.ACCOUNT: st.just(NewRecords()),
            }
        ),
    ),
    campaigns=st.builds(
        Campaigns,
        interval_minutes=st.sampled_from(INTERVALS),
        create_missing_statuses=st.booleans(),
        on_remote_removal=st.sampled_from(OnRemoteRemoval),
    ),
    conflict_policy=st.sampled_from(ConflictPolicy),
    guard=st.builds(Guard, share_percent=st.integers(0, 100), minimum=st.integers(1, 1_000_000)),
    fields=st.permutations(
        [
            *(field for field in CONTACT_FIELDS if field.name != "city"),
            replace(CONTACT_FIELDS[7], name="town", blank_overwrites=False),
        ]
    ).map(tuple),
    company_fields=st.permutations(COMPANY_FIELDS).map(tuple),
    member_fields=st.sampled_from([(), (SEAT,)]),
)


@given(selection=SELECTIONS)
def test_a_selection_comes_back_as_it_went(selection: Selection) -> None:
    """Criteria are stored with every value and every level."""
    stored = json.dumps(selection_to_document(selection))

    read = selection_from_document(json.loads(stored), base=Selection(), path="selection")

    assert read == selection


@checks(max_examples=30)
@given(settings=SETTINGS)
def test_a_document_comes_back_as_it_went(settings: SyncSettings) -> None:
    """Storing settings as JSON loses nothing."""
    stored = json.dumps(to_document(settings))

    assert from_document(json.loads(stored), base=BASE) == settings


@checks(max_examples=30)
@given(settings=SETTINGS)
def test_an_empty_document_changes_nothing(settings: SyncSettings) -> None:
    """What is left out stays as it is."""
    assert from_document({}, base=settings) == settings


@checks(max_examples=30)
@given(settings=SETTINGS, section=st.sampled_from(SECTIONS))
def test_an_empty_section_changes_nothing(settings: SyncSettings, section: str) -> None:
    """What is left out of a section stays as it is, too."""
    assert from_document({section: {}}, base=settings) == settings


def test_one_key_of_one_object_is_changed() -> None:
    """A change touches the key that it names, and no other."""
    changed = from_document({"inbound": {"objects": {"Lead": {"interval_minutes": 60}}}}, base=BASE)

    lead = replace(BASE.inbound.objects[SObject.LEAD], interval_minutes=60)
    objects = {**BASE.inbound.objects, SObject.LEAD: lead}
    assert changed == replace(BASE, inbound=replace(BASE.inbound, objects=objects))


def test_a_field_that_is_left_out_is_removed() -> None:
    """The mappings are replaced as given, because that is how a field is removed."""
    document: dict[str, Any] = to_document(BASE)
    fields = {name: field for name, field in document["fields"].items() if name != "job_title"}

    changed = from_document({"fields": fields}, base=BASE)

    assert changed.fields == tuple(f for f in CONTACT_FIELDS if f.name != "job_title")
    assert changed.company_fields == BASE.company_fields


def test_a_field_needs_no_more_than_a_place() -> None:
    """Type and mode have defaults: text, and Salesforce wins unless it is empty there."""
    fields = {**standard_fields(), "tier": {"salesforce": {"Contact": "Tier__c"}}}

    changed = from_document({"fields": fields}, base=BASE)

    assert changed.fields[-1] == FieldMapping(
        name="tier",
        type=FieldType.STRING,
        mode=Mode.PREFER_SALESFORCE,
        paths={SObject.CONTACT: "Tier__c"},
    )


@pytest.mark.parametrize("path", ["Account.Tier__c", "counterpart_id__c"])
def test_a_field_that_can_only_be_read_needs_no_mode(path: str) -> None:
    """What a parent holds always comes from Salesforce, and so does where our own id stands."""
    fields = {**standard_fields(), "tier": {"salesforce": {"Contact": path}}}

    changed = from_document({"fields": fields}, base=BASE)

    assert changed.fields[-1].mode is Mode.ALWAYS_SALESFORCE


def test_a_document_from_before_there_were_policies() -> None:
    """It still loads, and means what it meant."""
    document: dict[str, Any] = to_document(BASE)
    del document["conflict_policy"]
    for field in document["fields"].values():
        del field["blank_overwrites"]

    assert from_document(document, base=BASE) == BASE


def test_nested_criteria_are_read() -> None:
    """All-groups and any-groups nest; a list may name numbers."""
    document = {
        "inbound": {
            "objects": {
                "Lead": {
                    "selection": {
                        "mode": "criteria",
                        "criteria": {
                            "all": [
                                {"field": "Owner.Email", "operator": "is_not_blank"},
                                {
                                    "any": [
                                        {"field": "Rating", "operator": "in", "value": ["Hot"]},
                                        {
                                            "field": "AnnualRevenue",
                                            "operator": "at_least",
                                            "value": 1000,
                                        },
                                        {
                                            "field": "Score__c",
                                            "operator": "in",
                                            "value": [1, "2", 2.5],
                                        },
                                    ]
                                },
                            ]
                        },
                    }
                }
            }
        }
    }

    changed = from_document(document, base=BASE)

    assert changed.inbound.objects[SObject.LEAD].selection.criteria == Group(
        junction=Junction.ALL,
        members=(
            Criterion(field="Owner.Email", operator=Operator.IS_NOT_BLANK),
            Group(
                junction=Junction.ANY,
                members=(
                    Criterion(field="Rating", operator=Operator.IN, value=("Hot",)),
                    Criterion(field="AnnualRevenue", operator=Operator.AT_LEAST, value=1000),
                    Criterion(field="Score__c", operator=Operator.IN, value=("1", "2", "2.5")),
                ),
            ),
        ),
    )


def test_free_mail_domains_are_compared_in_small_letters() -> None:
    """Domains ignore case, and a repeated one counts once."""
    document = {"creation": {"free_mail_domains": ["Example.COM", "example.com"]}}

    changed = from_document(document, base=BASE)

    assert changed.creation.free_mail_domains == ("example.com",)


def standard_fields() -> dict[str, Any]:
    """Return the document of the mapping that a new deployment starts with."""
    document: dict[str, Any] = to_document(BASE)
    return dict(document["fields"])


def deep(levels: int) -> dict[str, object]:
    """Return criteria that lie *levels* deep."""
    group: dict[str, object] = {"all": [{"field": "Title", "operator": "is_blank"}]}
    for _ in range(levels - 1):
        group = {"any": [group]}
    return group


LEAD = "inbound.objects.Lead"
CRITERION = {"field": "Title", "operator": "is_blank"}
REFUSED: dict[str, tuple[str, Any, str, str]] = {
    # path in the document, value there -> field and part of the sentence in the complaint
    "unknown section": ("polling", {}, "polling", "allowed are"),
    "a list for a section": ("inbound", [], "inbound", "must be an object"),
    "null for a section": ("inbound", None, "inbound", "must be an object"),
    "unknown object": ("inbound.objects.Case", {}, "inbound.objects.Case", "Account, Contact"),
    "an odd interval": (f"{LEAD}.interval_minutes", 7, f"{LEAD}.interval_minutes", "5, 60"),
    "an interval of true": (f"{LEAD}.interval_minutes", True, f"{LEAD}.interval_minutes", "one"),
    "yes for true": (f"{LEAD}.enabled", "yes", f"{LEAD}.enabled", "true or false"),
    "a time without zone": (
        f"{LEAD}.enabled_at",
        "2026-11-22T10:00:00",
        f"{LEAD}.enabled_at",
        "zone",
    ),
    "unknown selection mode": (
        f"{LEAD}.selection.mode",
        "some",
        f"{LEAD}.selection.mode",
        "none, all, from_now_on",
    ),
    "criteria that are missing": (
        f"{LEAD}.selection.mode",
        "criteria",
        f"{LEAD}.selection.criteria",
        "needs criteria",
    ),
    "a marker that is SOQL": (
        f"{LEAD}.selection.marker",
        "Flag__c = true OR Id",
        f"{LEAD}.selection.marker",
        "API name",
    ),
    "a group with both": (
        f"{LEAD}.selection.criteria",
        {"all": [CRITERION], "any": [CRITERION]},
        f"{LEAD}.selection.criteria",
        "either",
    ),
    "an empty group": (
        f"{LEAD}.selection.criteria",
        {"all": []},
        f"{LEAD}.selection.criteria.all",
        "at least one",
    ),
    "groups too deep": (
        f"{LEAD}.selection.criteria",
        deep(5),
        f"{LEAD}.selection.criteria.any.0.any.0.any.0.any.0",
        "4 deep",
    ),
    "too many criteria": (
        f"{LEAD}.selection.criteria",
        {"all": [CRITERION] * 51},
        f"{LEAD}.selection.criteria.all.50",
        "50 criteria",
    ),
    "a criterion without operator": (
        f"{LEAD}.selection.criteria",
        {"all": [{"field": "Title"}]},
        f"{LEAD}.selection.criteria.all.0.operator",
        "not one of equals",
    ),
    "a field that is SOQL": (
        f"{LEAD}.selection.criteria",
        {"all": [{"field": "Id) OR (Id", "operator": "is_blank"}]},
        f"{LEAD}.selection.criteria.all.0.field",
        "API name",
    ),
    "a value where none belongs": (
        f"{LEAD}.selection.criteria",
        {"all": [{**CRITERION, "value": "x"}]},
        f"{LEAD}.selection.criteria.all.0.value",
        "takes no value",
    ),
    "a text for a list": (
        f"{LEAD}.selection.criteria",
        {"all": [{"field": "Title", "operator": "in", "value": "CEO"}]},
        f"{LEAD}.selection.criteria.all.0.value",
        "a list of 1 to 200",
    ),
    "a number for a text": (
        f"{LEAD}.selection.criteria",
        {"all": [{"field": "Title", "operator": "contains", "value": 1}]},
        f"{LEAD}.selection.criteria.all.0.value",
        "takes a text",
    ),
    "true for an order": (
        f"{LEAD}.selection.criteria",
        {"all": [{"field": "Title", "operator": "at_most", "value": True}]},
        f"{LEAD}.selection.criteria.all.0.value",
        "a text or a number",
    ),
    "null for a value": (
        f"{LEAD}.selection.criteria",
        {"all": [{"field": "Title", "operator": "equals", "value": None}]},
        f"{LEAD}.selection.criteria.all.0.value",
        "is_blank",
    ),
    "an infinite value": (
        f"{LEAD}.selection.criteria",
        {"all": [{"field": "Title", "operator": "equals", "value": float("inf")}]},
        f"{LEAD}.selection.criteria.all.0.value",
        "a number",
    ),
    "no overlap": ("inbound.overlap_minutes", 0, "inbound.overlap_minutes", "from 1 to 1440"),
    "a fraction": ("outbound.max_waiting", 1.5, "outbound.max_waiting", "whole number"),
    "more than everything": (
        "outbound.api_share_percent",
        101,
        "outbound.api_share_percent",
        "from 1 to 100",
    ),
    "less than nothing": ("guard.share_percent", -1, "guard.share_percent", "from 0 to 100"),
    "not even one": ("guard.minimum", 0, "guard.minimum", "from 1 to"),
    "unknown key of the guard": ("guard.share", 5, "guard.share", "share_percent"),
    "unknown key of campaigns": (
        "campaigns.interval",
        5,
        "campaigns.interval",
        "interval_minutes",
    ),
    "campaigns every minute": (
        "campaigns.interval_minutes",
        1,
        "campaigns.interval_minutes",
        "one of 0, 5, 60",
    ),
    "unknown rule for removals": (
        "campaigns.on_remote_removal",
        "delete",
        "campaigns.on_remote_removal",
        "remove, keep",
    ),
    "unknown pace": ("outbound.pace", "fast", "outbound.pace", "batched, near_real_time"),
    "unknown key of creation": ("creation.creates", True, "creation.creates", "create_as"),
    "a company": ("creation.create_as", "account", "creation.create_as", "lead, contact"),
    "a free-mail address": (
        "creation.free_mail_domains",
        ["a@example.com"],
        "creation.free_mail_domains.0",
        "must be a domain",
    ),
    "an employer who is none": (
        "creation",
        {"free_mail_domains": ["example.com"], "work_domains": ["EXAMPLE.com"]},
        "creation.work_domains",
        "free_mail_domains as well",
    ),
    "unknown policy for duplicates": (
        "creation.on_duplicate",
        "merge",
        "creation.on_duplicate",
        "link, allow, park",
    ),
    "unknown source of a last name": (
        "creation.last_name_from",
        ["horoscope"],
        "creation.last_name_from",
        "full_name, email",
    ),
    "a long way of saying nothing": (
        "creation.not_provided",
        "?" * 81,
        "creation.not_provided",
        "80",
    ),
    "a user for a record type": (
        "creation.contact.record_type_id",
        "005000000000001AAA",
        "creation.contact.record_type_id",
        "012…",
    ),
    "an owner by name": ("creation.lead.owner_id", "Ada", "creation.lead.owner_id", "005… or 00G…"),
    "an unknown assignment rule": (
        "creation.lead.assignment_rule",
        "round robin",
        "creation.lead.assignment_rule",
        "or default, or null",
    ),
    "an owner and a rule": (
        "creation.lead",
        {"owner_id": "005000000000001AAA", "assignment_rule": "default"},
        "creation.lead.assignment_rule",
        "choose one",
    ),
    "an assignment rule for Contacts": (
        "creation.contact.assignment_rule",
        "default",
        "creation.contact.assignment_rule",
        "record_type_id",
    ),
    "a long lead source": (
        "creation.lead.lead_source",
        "w" * 256,
        "creation.lead.lead_source",
        "255",
    ),
    "too many free-mail domains": (
        "creation.free_mail_domains",
        [f"d{n}.example" for n in range(1001)],
        "creation.free_mail_domains",
        "1000",
    ),
    "no fields": ("fields", {}, "fields", "1 to 500"),
    "a list of fields": ("fields", ["email"], "fields", "by name"),
    "a name in capitals": ("fields.JobTitle", {}, "fields.JobTitle", "job_title"),
    "a name that is too long": ("fields." + "a" * 81, {}, "fields." + "a" * 81, "80"),
    "unknown key of a field": ("fields.city.label", "City", "fields.city.label", "salesforce"),
    "unknown type": ("fields.city.type", "geo", "fields.city.type", "string, text, number"),
    "unknown policy": (
        "conflict_policy",
        "coin",
        "conflict_policy",
        "three_way, salesforce_wins_if_pending, newest_record",
    ),
    "a blank that is no answer": (
        "fields.city.blank_overwrites",
        "no",
        "fields.city.blank_overwrites",
        "true or false",
    ),
    "a checkbox that is blank": (
        "fields.opted_out.blank_overwrites",
        False,
        "fields.opted_out.blank_overwrites",
        "never blank",
    ),
    "unknown mode": ("fields.city.mode", "both", "fields.city.mode", "two_way"),
    "an account for a person": (
        "fields.city.salesforce.Account",
        "BillingCity",
        "fields.city.salesforce.Account",
        "Contact, Lead",
    ),
    "a person for an account": (
        "company_fields.city.salesforce.Lead",
        "City",
        "company_fields.city.salesforce.Lead",
        "allowed is Account",
    ),
    "a person for a member": (
        "member_fields.seat",
        {"salesforce": {"Lead": "Title"}},
        "member_fields.seat.salesforce.Lead",
        "allowed is CampaignMember",
    ),
    "an address for a member": (
        "member_fields.email",
        {"salesforce": {"CampaignMember": "Email__c"}},
        "member_fields.email",
        "belongs to the contact",
    ),
    "no place": ("fields.city.salesforce", {}, "fields.city.salesforce", "Contact or Lead"),
    "two places on one object": (
        "fields.city.salesforce.Lead",
        ["City", "State"],
        "fields.city.salesforce.Lead",
        "API name",
    ),
    "one place twice": (
        "fields.city.salesforce.Lead",
        "pHONE",
        "fields.city.salesforce.Lead",
        "mapped to phone already",
    ),
    "a path that is written": (
        "fields.tier",
        {"mode": "two_way", "salesforce": {"Contact": "Account.Tier__c"}},
        "fields.tier.mode",
        "can only be read",
    ),
    "a path that is always ours": (
        "fields.tier",
        {"mode": "always_ours", "salesforce": {"Contact": "Account.Tier__c"}},
        "fields.tier.mode",
        "can only be read",
    ),
    "where our own id stands": (
        "fields.tier",
        {"mode": "always_ours", "salesforce": {"Contact": "counterpart_id__C"}},
        "fields.tier.mode",
        "nothing else may go there",
    ),
    "where our own id stands, on one object alone": (
        "fields.tier",
        {
            "mode": "prefer_salesforce_unless_empty",
            "salesforce": {"Contact": "Tier__c", "Lead": "Counterpart_Id__c"},
        },
        "fields.tier.mode",
        "nothing else may go there",
    ),
    "restrictive elsewhere": (
        "fields.city.mode",
        "restrictive_wins",
        "fields.city.mode",
        "reserved for opted_out",
    ),
    "an opt-out that can be overruled": (
        "fields.opted_out.mode",
        "two_way",
        "fields.opted_out.mode",
        "restrictive_wins",
    ),
    "an opt-out that is text": (
        "fields.opted_out.type",
        "string",
        "fields.opted_out.type",
        "boolean",
    ),
    "an address that is text": ("fields.email.type", "string", "fields.email.type", "email"),
    "an address that stays out": (
        "fields.email.mode",
        "do_not_sync",
        "fields.email.mode",
        "two_way or",
    ),
    "an address of somebody else": (
        "fields.email.salesforce.Lead",
        "Owner.Email",
        "fields.email.salesforce.Lead",
        "of Lead itself",
    ),
}


def test_the_mode_of_the_opt_out_is_offered_to_no_other_field() -> None:
    """Whoever mistypes a mode is told of those that the field can have."""
    document: Any = copy.deepcopy(to_document(BASE))
    document["fields"]["city"]["mode"] = "twoway"

    with pytest.raises(InputError) as complaint:
        from_document(document, base=BASE)

    assert "two_way" in complaint.value.detail
    assert "restrictive_wins" not in complaint.value.detail


@pytest.mark.parametrize("situation", REFUSED)
def test_a_wrong_document_is_refused(situation: str) -> None:
    """A complaint names the place, as a dotted path, and what is allowed there."""
    path, value, field, sentence = REFUSED[situation]
    document: Any = copy.deepcopy(to_document(BASE))
    *parents, last = path.split(".")
    place = document
    for key in parents:
        place = place[key]
    place[last] = value

    with pytest.raises(InputError) as complaint:
        from_document(document, base=BASE)

    assert complaint.value.field == field
    assert sentence in complaint.value.detail


@pytest.mark.parametrize("name", ["email", "opted_out"])
def test_address_and_opt_out_cannot_be_removed(name: str) -> None:
    """A person without an address, or whose refusal is not seen, must not come about."""
    document: dict[str, Any] = to_document(BASE)
    del document["fields"][name]

    with pytest.raises(InputError) as complaint:
        from_document(document, base=BASE)

    assert complaint.value.field == f"fields.{name}"


@pytest.mark.parametrize("mode", [Mode.PREFER_SALESFORCE, Mode.ALWAYS_SALESFORCE])
def test_a_path_to_a_parent_may_be_read(mode: Mode) -> None:
    """A dotted path is read-only, which these modes can live with."""
    fields = {
        **standard_fields(),
        "tier": {"mode": mode.value, "salesforce": {"Contact": "Account.Tier__c"}},
    }

    changed = from_document({"fields": fields}, base=BASE)

    assert not changed.fields[-1].writes_to(SObject.CONTACT)
