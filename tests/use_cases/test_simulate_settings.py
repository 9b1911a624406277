"""Settings tried on real data: what they would do otherwise, and that nothing is written."""

from dataclasses import replace
from typing import Any

import pytest

from counterpart.domain.creation_requests import CreateAs
from counterpart.domain.mapping import ConflictPolicy, Mode
from counterpart.domain.settings_document import from_document, to_document
from counterpart.domain.sync_settings import SyncSettings
from counterpart.errors import InputError, TransientError
from tests.use_cases.world import World, with_mode

PREFER = SyncSettings(fields=with_mode(Mode.PREFER_SALESFORCE, "job_title", "city"))
BY_MARK = {"inbound": {"objects": {"Lead": {"selection": {"mode": "marked"}}}}}


def mapping(world: World, mode: Mode, *names: str) -> dict[str, Any]:
    """Return a document in which some fields have another mode."""
    fields = tuple(
        replace(field, mode=mode) if field.name in names else field
        for field in world.settings.current().fields
    )
    document = to_document(replace(world.settings.current(), fields=fields))
    return {"fields": document["fields"]}


def differing() -> tuple[World, list[str], list[str]]:
    """Return a world in which titles differ, protected, and the ids of contacts and leads."""
    world = World(PREFER)
    leads = [world.lead(f"{number}@example.com", Title="Analyst") for number in range(7)]
    world.wait()
    world.pull()
    ids = [world.of(lead).id for lead in leads]
    world.wait(20)
    for contact_id in ids:
        world.edit(contact_id, job_title="VP")
    world.push()
    world.wait()
    return world, ids, leads


def changes(told: Any) -> dict[tuple[str, str, str], tuple[str, str, int]]:  # noqa: ANN401 - JSON
    """Return what was told of fields, by object, direction and field."""
    return {
        (one["object"], one["direction"], one["field"]): (
            one["before"],
            one["after"],
            one["count"],
        )
        for one in told["fields"]
    }


def test_another_mode() -> None:
    """What would be pushed, by how many contacts, with a few of them and the row that says so."""
    world, ids, _ = differing()

    told = world.simulate(mapping(world, Mode.TWO_WAY, "job_title"))

    assert changes(told)["Lead", "push", "job_title"] == ("protect theirs", "send ours", 7)
    (push,) = (one for one in told["fields"] if one["direction"] == "push")
    assert len(push["examples"]) == 5
    assert {one["contact_id"] for one in push["examples"]} <= set(ids)
    assert push["examples"][0]["why"] == "only ours"
    assert told["looked_at"] == {
        "contacts": 7,
        "companies": 0,
        "linked": 7,
        "theirs_from": "salesforce",
    }


def test_what_is_told_is_what_happens() -> None:
    """The settings that were tried do, once they hold, what was said of them."""
    world, ids, leads = differing()
    document = mapping(world, Mode.TWO_WAY, "job_title")
    told = world.simulate(document)

    world.change(fields=from_document(document, base=world.settings.current()).fields)
    world.push(contact_ids=tuple(ids))

    sent = [lead for lead in leads if (world.org.find(lead) or {})["Title"] == "VP"]
    assert len(sent) == changes(told)["Lead", "push", "job_title"][2]


@pytest.mark.parametrize("policy", list(ConflictPolicy))
def test_a_mode_under_each_policy(policy: ConflictPolicy) -> None:
    """Whoever wins a two-way field, what other modes do with one is told."""
    world, *_ = differing()
    world.change(conflict_policy=policy)

    told = world.simulate(mapping(world, Mode.ALWAYS_OURS, "job_title"))

    assert changes(told)["Lead", "push", "job_title"] == ("protect theirs", "send ours", 7)


def test_texts_that_are_too_long() -> None:
    """What Salesforce would refuse is not counted as sent, unless it may be cut from then on."""
    world, ids, leads = differing()
    world.edit(ids[0], job_title="x" * 129)
    fields = mapping(world, Mode.TWO_WAY, "job_title")["fields"]
    cut = {**fields, "job_title": {**fields["job_title"], "truncate": True}}

    whole = changes(world.simulate({"fields": fields}))
    shorter = changes(world.simulate({"fields": cut}))

    sent = ("Lead", "push", "job_title")
    assert whole[sent] == ("protect theirs", "send ours", 6)
    assert shorter[sent] == ("protect theirs", "send ours", 7)
    world.change(fields=from_document({"fields": cut}, base=world.settings.current()).fields)
    world.push(contact_ids=tuple(ids))
    assert [world.org.row(lead)["Title"] for lead in leads] == ["x" * 128] + ["VP"] * 6


def test_a_mapping_as_large_as_they_come() -> None:
    """What is the same for all fields of somebody is found out once, or this takes minutes."""
    world, ids, _ = differing()
    document = mapping(world, Mode.TWO_WAY, "job_title")
    shape = {**document["fields"]["city"], "mode": "always_salesforce"}
    room = range(500 - len(document["fields"]))
    more = {f"more_{n}": {**shape, "salesforce": {"Lead": f"More_{n}__c"}} for n in room}

    told = world.simulate({"fields": {**document["fields"], **more}})

    assert changes(told)["Lead", "push", "job_title"] == ("protect theirs", "send ours", len(ids))
    assert len(told["problems"]) == len(more)


def test_the_same_settings() -> None:
    """What changes nothing is told to change nothing."""
    world, *_ = differing()
    world.add("local@example.com")

    told = world.simulate(to_document(world.settings.current()))

    for name in ("fields", "creation", "creation_values", "selection", "problems"):
        assert told[name] == [], name


def test_records_are_read_once_where_the_mapping_is_the_same() -> None:
    """What Salesforce says of a field's place is no part of the mapping."""
    world, *_ = differing()
    world.change(fields=with_mode(Mode.ALWAYS_OURS, "job_title"))
    before = world.salesforce.usage().calls

    world.simulate({"guard": {"minimum": 7}})

    assert world.salesforce.usage().calls - before == 1


@pytest.mark.failure("F67")
def test_nothing_is_written() -> None:
    """Not a contact, not a link, not a run, not a version, not a record."""
    world, *_ = differing()
    world.add("local@example.com", sync=True)
    before, version = world.state(), world.settings.current().version
    world.written.clear()

    world.simulate(mapping(world, Mode.TWO_WAY, "job_title"))
    world.simulate({"creation": {"create_as": "contact", "create_accounts": True}})
    world.simulate({"inbound": {"objects": {"Lead": {"enabled": False}}}})

    assert world.written == []
    assert world.settings.current().version == version
    assert world.state() == before


def test_page_by_page() -> None:
    """Each contact is looked at once, and what concerns the org is said in the first answer."""
    world, *_ = differing()
    document = mapping(world, Mode.TWO_WAY, "job_title") | {
        "inbound": {"objects": {"Lead": {"enabled": False}}}
    }
    seen, selections, after = 0, 0, None
    while True:
        told = world.simulate(document, limit=3, after=after)
        assert told["looked_at"]["contacts"] <= 3
        seen += changes(told)["Lead", "push", "job_title"][2]
        selections += len(told["selection"])
        after = told["next"]
        if after is None:
            break

    assert (seen, selections) == (7, 1)


def test_outbound_is_switched_off() -> None:
    """What would be sent stays."""
    world = World(SyncSettings(fields=with_mode(Mode.TWO_WAY, "job_title")))
    world.lead(Title="Analyst")
    world.wait()
    world.pull()
    world.wait(20)
    world.edit(world.the_contact().id, job_title="VP")

    told = world.simulate({"outbound": {"enabled": False}})

    assert changes(told) == {("Lead", "push", "job_title"): ("send ours", "leave", 1)}


def test_outbound_is_switched_on() -> None:
    """What is older than that moment would still stay, so nothing changes for it."""
    world, *_ = differing()
    off = replace(world.settings.current().outbound, enabled=False)
    world.change(outbound=off, fields=with_mode(Mode.TWO_WAY, "job_title", "city"))

    told = world.simulate({"outbound": {"enabled": True}})

    assert changes(told) == {}


@pytest.mark.parametrize("silent", [False, True])
def test_a_field_is_mapped_no_more(silent: bool) -> None:  # noqa: FBT001 - either way
    """Neither direction would do anything with it; where Salesforce is silent, shadows tell."""
    world, _, leads = differing()
    for lead in leads:
        world.org.edit(lead, {"Title": "Director"})
    fields = {
        name: field
        for name, field in dict(mapping(world, Mode.TWO_WAY)["fields"]).items()
        if name != "job_title"
    }
    if silent:
        world.salesforce.fail(TransientError("no answer"))

    told = world.simulate({"fields": fields})

    assert changes(told)["Lead", "push", "job_title"] == ("protect theirs", "leave", 7)
    assert ("Lead", "pull", "job_title") in changes(told) or silent
    assert told["salesforce_silent"] == ("no answer" if silent else None)
    assert told["looked_at"]["theirs_from"] == ("shadow" if silent else "salesforce")


def test_fields_of_companies() -> None:
    """Companies come after the last contact, by the same judgements."""
    world = World()
    accounts = [world.account(f"Acme {number}", Phone="1") for number in range(5)]
    world.lead()
    world.wait()
    world.pull()
    for company in world.all_companies():
        edited = replace(
            company.ledger,
            values={**company.ledger.values, "phone": "2"},
            times={**company.ledger.times, "phone": world.now},
        )
        world.companies.save_many([replace(company, ledger=edited)])
    fields = to_document(world.settings.current())["company_fields"]
    fields["phone"]["mode"] = "always_ours"  # type: ignore[index] # JSON

    told: list[Any] = []
    after = None
    while not told or after:
        told.append(world.simulate({"company_fields": fields}, limit=2, after=after))
        after = told[-1]["next"]

    assert [(one["looked_at"]["contacts"], one["looked_at"]["companies"]) for one in told] == [
        (1, 0),
        (0, 2),
        (0, 2),
        (0, 1),
    ]
    counts = [changes(one).get(("Account", "push", "phone")) for one in told]
    assert counts == [None, *(("protect theirs", "send ours", number) for number in (2, 2, 1))]
    (push,) = (one for one in told[1]["fields"] if one["direction"] == "push")
    assert push["examples"][0]["record_id"] in accounts
    assert "company_id" in push["examples"][0]
    # Whoever changes nothing about Accounts is not led on.
    assert world.simulate(mapping(world, Mode.TWO_WAY, "job_title"))["next"] is None
    assert world.simulate({"inbound": {"objects": {"Account": {"enabled": False}}}})["next"]


def test_a_selection() -> None:
    """Who would be left outside, whether or not they have a contact, and who would come in."""
    world = World()
    marked = world.lead("marked@example.com", Sync_to_Counterpart__c=True)
    unmarked = world.lead("unmarked@example.com")
    world.wait()
    world.pull()
    stranger = world.lead("stranger@example.com")
    world.wait()

    (lead,) = world.simulate(BY_MARK)["selection"]

    assert (lead["object"], lead["looked_at"], lead["since"]) == ("Lead", 3, None)
    assert lead["of_all"] == {
        "taken_now": 3,
        "taken_then": 1,
        "newly_skipped": 2,
        "newly_admitted": 0,
    }
    assert lead["newly_skipped"] == {
        "count": 2,
        "linked": 1,
        "examples": sorted([unmarked, stranger]),
    }
    assert lead["newly_admitted"]["count"] == 0

    world.change(inbound=from_document(BY_MARK, base=world.settings.current()).inbound)
    everybody = {"inbound": {"objects": {"Lead": {"selection": {"mode": "all"}}}}}
    (back,) = world.simulate(everybody)["selection"]
    assert set(back["newly_admitted"]["examples"]) == {unmarked, stranger}
    assert marked not in back["newly_admitted"]["examples"]


def test_a_selection_beyond_a_page() -> None:
    """What lies beyond the shorter of both answers is not compared, and the answer says where."""
    world = World(page_size=4)
    for number in range(12):
        world.lead(f"{number}@example.com", Sync_to_Counterpart__c=number % 2 == 0)
        world.wait()

    told = world.simulate(BY_MARK)

    (lead,) = told["selection"]
    assert lead["until"] is not None
    assert lead["looked_at"] == 3
    assert lead["newly_skipped"]["count"] == 1
    assert lead["of_all"]["newly_skipped"] == 6


def test_many_records_of_one_stamp() -> None:
    """Loaded at once, they fill both pages; the id tells how far both have come."""
    world = World(page_size=4)
    # Salesforce's stamps are of whole seconds.
    for number in range(12):
        world.lead(f"{number}@example.com", Sync_to_Counterpart__c=number % 2 == 0)
    world.wait()

    told = world.simulate(BY_MARK)

    (lead,) = told["selection"]
    assert (lead["looked_at"], len(lead["newly_skipped"]["examples"])) == (3, 1)


@pytest.mark.parametrize("mode", ["all", "from_now_on"])
def test_a_selection_that_salesforce_does_not_take_any_more(mode: str) -> None:
    """Whoever tries a way out is told why nothing can be compared, and fields are read afresh."""
    world, *_ = differing()
    world.change(inbound=from_document(BY_MARK, base=world.settings.current()).inbound)
    world.org.hidden.add(("Lead", "Sync_to_Counterpart__c"))

    out = world.simulate({"inbound": {"objects": {"Lead": {"selection": {"mode": mode}}}}})

    (lead,) = out["selection"]
    assert "Sync_to_Counterpart__c" in lead["refused_now"]
    assert lead["of_all"]["taken_then"] == (7 if mode == "all" else 0)
    assert (lead["of_all"]["taken_now"], lead["of_all"]["newly_admitted"]) == (None, None)
    assert (out["salesforce_silent"], out["looked_at"]["theirs_from"]) == (None, "salesforce")


def test_a_checkbox_that_is_none() -> None:
    """A problem of the proposed settings, as with criteria; nobody asks Salesforce in vain."""
    world, *_ = differing()
    by_title = {"mode": "marked", "marker": "Title"}

    told = world.simulate({"inbound": {"objects": {"Lead": {"selection": by_title}}}})

    assert [one["check"] for one in told["problems"]] == ["marker.Lead"]
    assert (told["selection"], told["salesforce_silent"]) == ([], None)


_WEB = {"all": [{"field": "LeadSource", "operator": "equals", "value": "Web"}]}


@pytest.mark.parametrize(
    ("now", "then", "skipped", "admitted"),
    [
        ({"mode": "marked"}, {"mode": "criteria", "criteria": _WEB}, 1, 1),
        ({"mode": "criteria", "criteria": _WEB}, {"mode": "from_now_on"}, 2, 0),
        ({"mode": "none"}, {"mode": "criteria", "criteria": _WEB}, 0, 2),
        ({"mode": "all"}, {"mode": "none"}, 4, 0),
    ],
)
def test_two_selections_that_overlap(
    now: dict[str, Any], then: dict[str, Any], skipped: int, admitted: int
) -> None:
    """Of all records, however long ago they changed, those that only one of both takes."""
    world = World()
    for number, (marked, source) in enumerate(
        [(True, "Web"), (True, None), (False, "Web"), (False, None)]
    ):
        email = f"{number}@example.com"
        world.lead(email, Sync_to_Counterpart__c=marked, LeadSource=source)
    world.wait(60 * 24 * 90)

    def by(selection: dict[str, Any]) -> dict[str, Any]:
        return {"inbound": {"objects": {"Lead": {"selection": selection}}}}

    world.change(inbound=from_document(by(now), base=world.settings.current()).inbound)

    (lead,) = world.simulate(by(then))["selection"]

    assert lead["of_all"]["newly_skipped"] == lead["newly_skipped"]["count"] == skipped
    assert lead["of_all"]["newly_admitted"] == lead["newly_admitted"]["count"] == admitted


def test_a_creation() -> None:
    """What contacts would become, and on which Account, if somebody asked."""
    world = World()
    world.account("Umbrella", Website="umbrella.example")
    world.wait()
    world.pull()
    world.add("ada@acme.example")
    world.add("eve@umbrella.example")
    world.add("bob@gmail.com")
    world.add("carl@acme.example", sync=True, create_as=CreateAs.LEAD)

    told = world.simulate({"creation": {"create_as": "contact", "create_accounts": True}})

    assert {(one["before"], one["after"]): one["count"] for one in told["creation"]} == {
        ("Lead", "Contact on a new Account"): 1,
        ("Lead", "Contact on an Account that is there"): 1,
        ("Lead", "Contact without an Account"): 1,
    }


def test_what_new_records_bear() -> None:
    """The fields that would be filled otherwise, for those who become the same as before."""
    world = World()
    world.add("ada@acme.example")

    told = world.simulate({"creation": {"lead": {"lead_source": "Web"}}})

    assert told["creation"] == []
    assert [(one["becomes"], one["field"], one["count"]) for one in told["creation_values"]] == [
        ("Lead", "LeadSource", 1)
    ]


def test_a_field_that_the_org_lacks() -> None:
    """It is a problem of the proposed settings alone, and the rest is told all the same."""
    world, *_ = differing()
    fields = dict(mapping(world, Mode.TWO_WAY, "job_title")["fields"])
    fields["shoe_size"] = {
        "type": "number",
        "mode": "two_way",
        "salesforce": {"Lead": "Shoe_Size__c"},
    }

    told = world.simulate({"fields": fields})

    assert [one["check"] for one in told["problems"]] == ["fields.Lead.Shoe_Size__c"]
    assert changes(told)["Lead", "push", "job_title"][2] == 7


def test_criteria_that_the_org_cannot_take() -> None:
    """A problem of the proposed settings, not a silence of Salesforce."""
    world, *_ = differing()
    criteria = {"all": [{"field": "Shoe_Size__c", "operator": "equals", "value": 43}]}
    selection = {"mode": "criteria", "criteria": criteria}

    told = world.simulate({"inbound": {"objects": {"Lead": {"selection": selection}}}})

    assert [one["check"] for one in told["problems"]] == ["criteria.Lead"]
    assert (told["selection"], told["salesforce_silent"]) == ([], None)


def test_what_cannot_be_tried() -> None:
    """A wrong document is refused as a change would be, and names the place."""
    world = World()

    with pytest.raises(InputError) as refused:
        world.simulate({"outbound": {"pace": "slow"}})

    assert refused.value.field == "outbound.pace"

    with pytest.raises(InputError) as strange:
        world.simulate({}, after="companies:whatever")

    assert strange.value.field == "next"
