"""Campaigns over HTTP, upon memory: what each request answers, and why one is refused."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from http_api.api import Api, build

from counterpart.adapters.campaign_errands import ErrandCampaignSearch
from counterpart.adapters.memory import (
    InMemoryCampaignRepository,
    InMemoryCampaignTypeRepository,
    InMemoryCompanyRepository,
    InMemoryContactRepository,
    InMemoryCreationQueue,
    InMemoryDeadLetters,
    InMemoryLinkRepository,
    InMemoryMemberRepository,
    InMemoryMergeRepository,
    InMemoryOpportunityRepository,
    InMemoryRunRepository,
    InMemorySettingsRepository,
)
from counterpart.adapters.public_suffixes import PublicSuffixes
from counterpart.domain.campaigns import CampaignCounterpart, CampaignLinkedBy
from counterpart.domain.mapping import FieldMapping, Mode
from counterpart.domain.members import Skip
from counterpart.domain.outcomes import Reason
from counterpart.domain.records import CampaignObject
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.values import FieldType
from counterpart.domain.waiting import Lane
from counterpart.use_cases.api_services import ApiServices
from counterpart.use_cases.campaign_stores import CampaignStores
from tests.contracts.stores.samples import (
    CAMPAIGN_ID,
    MINUTE,
    NOON,
    a_contact,
    a_member,
    a_member_counterpart,
    due,
)
from tests.functions.test_http_api import send

FOUND = {"id": "701AB00000abcDEYAY", "name": "Spring", "active": False, "status": "Planned"}
STATUSES: list[dict[str, Any]] = [
    {"label": "Invited"},
    {"label": "Registered"},
    {"label": "Attended", "success": True},
]
SEAT = FieldMapping(
    name="seat",
    type=FieldType.NUMBER,
    mode=Mode.TWO_WAY,
    paths={CampaignObject.MEMBER: "Seat__c"},
)


LINKED = a_member_counterpart()
SKIP = Skip(reason=Reason.NOT_LINKED, since=NOON, message="not there")


class Errands:
    """What the function that speaks to Salesforce would answer."""

    def __init__(self, told: Mapping[str, object]) -> None:
        self.asked: list[Mapping[str, object]] = []
        self._told = told

    def run(self, errand: Mapping[str, object]) -> Mapping[str, object]:
        self.asked.append(errand)
        return self._told


class Client:
    """The API upon memory, with three contacts, a type and a campaign."""

    def __init__(self, told: Mapping[str, object] | None = None) -> None:
        self.errands = Errands(told or {"campaigns": [FOUND]})
        self.members = InMemoryMemberRepository()
        self.campaigns = InMemoryCampaignRepository()
        self.now = NOON
        queue = InMemoryCreationQueue()
        contacts = InMemoryContactRepository(*map(a_contact, ("ada", "bob", "eve")))
        links = InMemoryLinkRepository()
        self._api: Api = build(
            ApiServices(
                contacts=contacts,
                companies=InMemoryCompanyRepository(),
                domains=PublicSuffixes,
                links=links,
                opportunities=InMemoryOpportunityRepository(),
                merges=InMemoryMergeRepository(contacts, links),
                settings=InMemorySettingsRepository(SyncSettings(member_fields=(SEAT,))),
                runs=InMemoryRunRepository(),
                queue=queue,
                dead_letters=InMemoryDeadLetters(queue),
                errands=self.errands,
                pulling=self.errands,
                campaigns=CampaignStores(
                    types=InMemoryCampaignTypeRepository(),
                    campaigns=self.campaigns,
                    members=self.members,
                ),
                campaign_search=ErrandCampaignSearch(self.errands),
                clock=lambda: self.now,
            )
        )
        self.type_id: str = self(
            "POST", "/campaign-types", {"name": "Webinar", "statuses": STATUSES}
        )["json"]["id"]
        self.campaign: str = "/campaigns/" + self.made({})

    def __call__(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str | None = None,
        **query: str,
    ) -> dict[str, Any]:
        """Return the answer to a request."""
        headers = {"content-type": "application/json"} | ({"idempotency-key": key} if key else {})
        return send(
            self._api,
            method,
            path,
            body=None if body is None else json.dumps(body),
            headers=headers,
            query=query or None,
        )

    def made(self, details: Mapping[str, object]) -> str:
        """Create a campaign; return its id."""
        body = {"name": "Spring", "type_id": self.type_id, **details}
        made: str = self("POST", "/campaigns", body)["json"]["id"]
        return made

    def link(self) -> str:
        """Let the campaign be linked to one of Salesforce; return its id."""
        choice = {"option": "existing", "salesforce_id": CAMPAIGN_ID}
        self("PATCH", self.campaign, {"sync": choice})
        campaign_id = self.campaign.split("/")[-1]
        counterpart = CampaignCounterpart(
            record_id=CAMPAIGN_ID, linked_at=NOON, linked_by=CampaignLinkedBy.CHOICE
        )
        campaign = self.campaigns.get_many([campaign_id])[campaign_id]
        self.campaigns.save(replace(campaign, counterpart=counterpart))
        return campaign_id

    def add(self, *contact_ids: str, status: str = "Invited") -> None:
        """Add contacts to the campaign."""
        for contact_id in contact_ids:
            body = {"contact_id": contact_id, "status": status}
            self("POST", f"{self.campaign}/members", body)


@pytest.fixture
def api() -> Client:
    """Return the API."""
    return Client()


def told(answer: dict[str, Any]) -> tuple[int, str]:
    """Return the status and the sentence of a refusal."""
    return answer["statusCode"], answer["json"]["detail"]


def test_a_type_is_created_read_and_listed(api: Client) -> None:
    """Its statuses keep their order."""
    read = api("GET", f"/campaign-types/{api.type_id}")

    assert read["json"] == {
        "id": api.type_id,
        "name": "Webinar",
        "description": "",
        "statuses": [{"label": each["label"], "success": "success" in each} for each in STATUSES],
        "removals": [],
        "created_at": "2026-11-22T12:00:00Z",
        "updated_at": "2026-11-22T12:00:00Z",
        "version": 1,
    }
    assert api("GET", "/campaign-types")["json"] == {"items": [read["json"]], "next": None}
    assert api("GET", "/campaign-types/nobody")["statusCode"] == 404


@pytest.mark.parametrize("what", ["type", "campaign"])
def test_a_creation_can_be_repeated(api: Client, what: str) -> None:
    """The same key and request make one thing; another request needs another key."""
    requests: dict[str, tuple[str, dict[str, object]]] = {
        "type": ("/campaign-types", {"name": "Fair", "statuses": STATUSES}),
        "campaign": ("/campaigns", {"name": "Fair", "type_id": api.type_id}),
    }
    path, body = requests[what]

    first, again = (api("POST", path, body, key="one") for _ in range(2))
    other = api("POST", path, {**body, "name": "Other"}, key="one")

    assert (first["statusCode"], again["statusCode"]) == (201, 200)
    assert first["json"] == again["json"]
    assert first["headers"]["Location"] == f"{path}/{first['json']['id']}"
    assert again["headers"]["Idempotent-Replay"] == "true"
    assert told(other)[0] == 422


def test_a_status_in_use_asks_for_its_replacement(api: Client) -> None:
    """The refusal says how many members have it; with a replacement, all have that one at once."""
    api.add("ada", "bob", status="Registered")
    path = f"/campaign-types/{api.type_id}"
    without = {"statuses": [STATUSES[0], STATUSES[2]]}

    assert told(api("PATCH", path, without)) == (
        409,
        "replacements.Registered: 2 members have this status; name the one that replaces it",
    )
    changed = api("PATCH", path, {**without, "replacements": {"registered": "attended"}})

    assert changed["json"]["removals"] == [
        {
            "label": "Registered",
            "replacement": "Attended",
            "removed_at": "2026-11-22T12:00:00Z",
            "settled": False,
        }
    ]
    attended = api("GET", f"{api.campaign}/members", status="Attended")["json"]["items"]
    assert [each["contact_id"] for each in attended] == ["ada", "bob"]
    stored = api.members.page_of_status(api.campaign.split("/")[-1], "Attended", limit=9)
    assert len(stored.items) == 2


def test_a_status_that_nobody_has_goes_at_once(api: Client) -> None:
    """Nobody is asked for a replacement."""
    api.add("ada", status="Attended")

    changed = api(
        "PATCH", f"/campaign-types/{api.type_id}", {"statuses": [STATUSES[0], STATUSES[2]]}
    )

    assert changed["statusCode"] == 200
    assert [each["label"] for each in changed["json"]["statuses"]] == ["Invited", "Attended"]


def test_a_campaign_does_not_sync_unless_it_is_told_to(api: Client) -> None:
    """Without a choice, it stays here."""
    campaign = api("GET", api.campaign)["json"]

    assert campaign["sync"] == {
        "option": "none",
        "salesforce_id": None,
        "chosen_at": None,
        "state": "off",
        "reason": None,
    }
    assert campaign["status_map"] == {"to_salesforce": {}, "from_salesforce": {}}


def test_the_choice_can_be_made_later_changed_and_ended(api: Client) -> None:
    """An id may have 15 characters; it is kept with 18."""
    existing = {"option": "existing", "salesforce_id": "701000000000001"}

    chosen = api("PATCH", api.campaign, {"sync": existing})["json"]["sync"]
    new = api("PATCH", api.campaign, {"sync": {"option": "new"}})["json"]["sync"]
    ended = api("PATCH", api.campaign, {"sync": {"option": "none"}})["json"]["sync"]

    assert (chosen["state"], chosen["salesforce_id"]) == ("waiting", "701000000000001AAA")
    assert (new["state"], new["salesforce_id"]) == ("waiting", None)
    assert (ended["state"], ended["chosen_at"]) == ("off", None)


def test_two_campaigns_cannot_sync_with_one(api: Client) -> None:
    """The second is told which one does already, until that one lets go."""
    sync = {"option": "existing", "salesforce_id": "701000000000001"}
    first = api.made({"sync": sync})

    refused = api("POST", "/campaigns", {"name": "B", "type_id": api.type_id, "sync": sync})
    assert told(refused) == (
        409,
        f"sync.salesforce_id: campaign {first} (Spring) syncs with this one already",
    )

    api("PATCH", f"/campaigns/{first}", {"sync": {"option": "none"}})
    assert api("PATCH", api.campaign, {"sync": sync})["statusCode"] == 200


def test_a_campaign_is_deleted(api: Client) -> None:
    """With its members; doing so again changes nothing, and what it synced with is free again."""
    sync = {"option": "existing", "salesforce_id": "701000000000001"}
    api("PATCH", api.campaign, {"sync": sync})
    api.add("ada")

    assert [api("DELETE", api.campaign)["statusCode"] for _ in range(2)] == [204, 204]

    campaign_id = api.campaign.split("/")[-1]
    assert told(api("GET", api.campaign)) == (404, f"id: there is no campaign {campaign_id}")
    assert api("GET", "/campaigns")["json"]["items"] == []
    assert api("GET", "/contacts/ada/memberships")["json"]["items"] == []
    assert api("GET", f"{api.campaign}/members/ada")["statusCode"] == 404
    assert api("POST", f"{api.campaign}/members", {"contact_id": "ada"})["statusCode"] == 404
    assert api("PATCH", api.campaign, {"name": "Autumn"})["statusCode"] == 404
    assert api.made({"sync": sync})
    assert told(api("DELETE", "/campaigns/nobody")) == (404, "id: there is no campaign nobody")


def test_a_type_is_deleted_after_its_campaigns(api: Client) -> None:
    """While there is one, the answer says which; doing so again changes nothing."""
    path, campaign_id = f"/campaign-types/{api.type_id}", api.campaign.split("/")[-1]

    assert told(api("DELETE", path)) == (
        409,
        f"id: campaign {campaign_id} (Spring) is of this type; delete it first",
    )
    api("DELETE", api.campaign)
    assert [api("DELETE", path)["statusCode"] for _ in range(2)] == [204, 204]

    assert api("GET", path)["statusCode"] == 404
    assert api("PATCH", path, {"name": "Fair"})["statusCode"] == 404
    assert api("GET", "/campaign-types")["json"] == {"items": [], "next": None}
    refused = api("POST", "/campaigns", {"name": "Autumn", "type_id": api.type_id})
    assert told(refused) == (404, f"type_id: there is no type {api.type_id}")
    assert api("DELETE", "/campaign-types/nobody")["statusCode"] == 404


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"name": " "}, "name: must be a line of 1 to 80 characters"),
        (
            {"sync": {"option": "existing"}},
            "sync.salesforce_id: must be the id of a Salesforce campaign, which begins with 701",
        ),
        (
            {"sync": {"option": "existing", "salesforce_id": "003000000000001"}},
            "sync.salesforce_id: must be the id of a Salesforce campaign, which begins with 701",
        ),
        (
            {"sync": {"option": "new", "salesforce_id": "701000000000001"}},
            "sync.salesforce_id: goes with the option existing",
        ),
        (
            {"status_map": {"to_salesforce": {"VIP": "Sent"}}},
            (
                "status_map.to_salesforce: 'VIP' is not a status of this campaign; "
                "it has Invited, Registered, Attended"
            ),
        ),
        (
            {"status_map": {"from_salesforce": {"Sent": "Invited", "SENT": "Attended"}}},
            "status_map.from_salesforce: 'SENT' is there twice; case makes no difference",
        ),
        ({"type_id": "other"}, "type_id: unknown key; allowed are name, status_map, sync, version"),
        ({"sync": None}, "sync: cannot be cleared"),
    ],
)
def test_a_change_that_is_not_allowed(api: Client, change: object, refusal: str) -> None:
    """It changes nothing, and says what is allowed."""
    answer = api("PATCH", api.campaign, change)

    assert told(answer) == (422, refusal)
    assert api("GET", api.campaign)["json"]["version"] == 1


def test_a_change_upon_an_old_version(api: Client) -> None:
    """Of two who change the same, the second is told."""
    for path, change in (
        (api.campaign, {"name": "Autumn"}),
        (f"/campaign-types/{api.type_id}", {"name": "Seminar"}),
    ):
        assert api("PATCH", path, {**change, "version": 1})["json"]["version"] == 2
        assert api("PATCH", path, {"name": "Other", "version": 1})["statusCode"] == 409


def test_campaigns_are_listed_by_type(api: Client) -> None:
    """And all together, page by page."""
    api.made({"name": "Autumn"})

    first = api("GET", "/campaigns", limit="1")["json"]
    second = api("GET", "/campaigns", limit="1", next=first["next"])["json"]

    assert sorted(each["name"] for each in (*first["items"], *second["items"])) == [
        "Autumn",
        "Spring",
    ]
    assert len(api("GET", "/campaigns", type_id=api.type_id)["json"]["items"]) == 2
    assert api("GET", "/campaigns", type_id="other")["json"] == {"items": [], "next": None}


def test_a_member_is_added_moved_and_removed(api: Client) -> None:
    """Without a status, it begins with the first."""
    path = f"{api.campaign}/members"

    added = api("POST", path, {"contact_id": "ada", "fields": {"seat": "7.0"}})
    moved = api("PATCH", f"{path}/ada", {"status": "attended", "fields": {"seat": None}})
    removed = api("DELETE", f"{path}/ada")

    assert added["statusCode"] == 201
    assert added["headers"]["Location"] == f"{path}/ada"
    assert added["json"] == {
        "campaign_id": api.campaign.split("/")[-1],
        "contact_id": "ada",
        "status": "Invited",
        "success": False,
        "status_changed_at": "2026-11-22T12:00:00Z",
        "changed_by": "person",
        "fields": {"seat": 7},
        "state": "local",
        "salesforce": None,
        "skipped": None,
        "created_at": "2026-11-22T12:00:00Z",
        "updated_at": "2026-11-22T12:00:00Z",
        "version": 1,
    }
    assert moved["statusCode"] == 200
    assert (moved["json"]["status"], moved["json"]["success"]) == ("Attended", True)
    assert moved["json"]["fields"] == {"seat": None}
    assert removed["statusCode"] == 204
    assert api("GET", f"{path}/ada")["statusCode"] == 404
    assert api("DELETE", f"{path}/ada")["statusCode"] == 404


def test_who_is_added_twice_is_one_member(api: Client) -> None:
    """The second request changes what it names, and nothing else."""
    path = f"{api.campaign}/members"
    api("POST", path, {"contact_id": "ada", "status": "Attended", "fields": {"seat": 7}})

    again = api("POST", path, {"contact_id": "ada", "fields": {"seat": 8}})

    assert again["statusCode"] == 200
    assert (again["json"]["status"], again["json"]["fields"]) == ("Attended", {"seat": 8})


def test_automation_moves_forward_only(api: Client) -> None:
    """People may go back."""
    api.add("ada", status="Registered")
    path = f"{api.campaign}/members/ada"

    forward = api("PATCH", path, {"status": "Attended", "automated": True})
    back = api("PATCH", path, {"status": "Invited", "automated": True})
    by_hand = api("PATCH", path, {"status": "Invited"})

    assert forward["json"]["changed_by"] == "automation"
    assert told(back) == (
        409,
        "status: automation moves members forward only, and this one is at Attended already",
    )
    assert (by_hand["json"]["status"], by_hand["json"]["changed_by"]) == ("Invited", "person")


@pytest.mark.parametrize(
    ("body", "status", "refusal"),
    [
        ({"contact_id": "nobody"}, 404, "contact_id: there is no contact nobody"),
        (
            {"contact_id": "ada", "status": "VIP"},
            422,
            "status: is not a status of this campaign; it has Invited, Registered, Attended",
        ),
        (
            {"contact_id": "ada", "fields": {"meal": "soup"}},
            422,
            "fields.meal: unknown field; allowed are seat",
        ),
        (
            {"contact_id": "ada", "fields": {"seat": "front"}},
            422,
            "fields.seat: must be a number",
        ),
    ],
)
def test_a_member_that_cannot_be_added(
    api: Client, body: object, status: int, refusal: str
) -> None:
    """The refusal says why."""
    answer = api("POST", f"{api.campaign}/members", body)

    assert told(answer) == (status, refusal)
    assert api("GET", f"{api.campaign}/members")["json"]["items"] == []


def test_members_are_listed_by_status(api: Client) -> None:
    """Page by page, in the order of their contacts."""
    api.add("ada", "eve", status="Attended")
    api.add("bob")
    path = f"{api.campaign}/members"

    first = api("GET", path, limit="2")["json"]
    second = api("GET", path, limit="2", next=first["next"])["json"]
    attended = api("GET", path, status="ATTENDED")["json"]

    assert [each["contact_id"] for each in first["items"]] == ["ada", "bob"]
    assert [each["contact_id"] for each in second["items"]] == ["eve"]
    assert [each["contact_id"] for each in attended["items"]] == ["ada", "eve"]
    assert told(api("GET", path, status="VIP"))[0] == 422
    assert told(api("GET", path, status="Attended", next="nonsense"))[0] == 422
    assert api("GET", "/campaigns/nothing/members")["statusCode"] == 404


def test_a_batch_answers_each_item_in_order(api: Client) -> None:
    """One wrong item costs itself alone; items of one contact take effect one after the other."""
    api.add("bob")

    answers = api(
        "POST",
        f"{api.campaign}/members:batch",
        {
            "items": [
                {"contact_id": "ada", "status": "Registered"},
                {"contact_id": "ada", "status": "Invited", "automated": True},
                {"contact_id": "ada", "action": "change", "status": "Attended"},
                {"contact_id": "bob", "action": "remove"},
                {"contact_id": "eve", "action": "change"},
                {"contact_id": "nobody"},
                {"contact": "ada"},
                "ada",
                {"contact_id": "ada", "action": "remove", "status": "Invited"},
                {"contact_id": "eve", "version": 3},
                {"contact_id": ""},
                {"contact_id": "a" * 256},
            ]
        },
    )["json"]["items"]

    statuses = [each["status"] for each in answers]
    assert statuses == [201, 409, 200, 204, 404, 404, 422, 422, 422, 409, 422, 422]
    assert answers[2]["member"]["status"] == "Attended"
    assert answers[6]["error"]["detail"].startswith("contact: unknown key")
    assert answers[8]["error"]["detail"].endswith("a removal takes neither status nor fields")
    assert answers[9]["error"]["detail"] == "version: the contact is not a member by now"
    left = api("GET", f"{api.campaign}/members")["json"]["items"]
    assert [(each["contact_id"], each["status"], each["version"]) for each in left] == [
        ("ada", "Attended", 1)
    ]


def test_what_a_contact_is_a_member_of(api: Client) -> None:
    """In all campaigns, whatever their type."""
    api.add("ada", status="Attended")

    found = api("GET", "/contacts/ada/memberships")["json"]["items"]

    assert [each["status"] for each in found] == ["Attended"]
    assert api("GET", "/contacts/bob/memberships")["json"] == {"items": []}
    assert api("GET", "/contacts/nobody/memberships")["statusCode"] == 404


def test_who_was_merged_is_found_where_it_went(api: Client) -> None:
    """The old id leads on to the survivor, as a member too."""
    api.add("bob", status="Attended")
    api("POST", "/contacts/ada:merge", {"loser": "bob"})
    path = f"{api.campaign}/members"

    for old, new in (
        (f"{path}/bob", f"{path}/ada"),
        ("/contacts/bob/memberships", "/contacts/ada/memberships"),
    ):
        led = api("GET", old)
        assert (led["statusCode"], led["headers"]["Location"]) == (308, new)
    assert api("GET", f"{path}/ada")["json"]["status"] == "Attended"
    assert api("PATCH", f"{path}/bob", {"status": "Invited"})["statusCode"] == 308
    assert api("DELETE", f"{path}/bob")["statusCode"] == 308
    assert api("GET", f"{path}/eve")["statusCode"] == 404


def test_adding_who_was_merged_names_the_survivor(api: Client) -> None:
    """Nobody is added whom the sender did not name, alone or in a batch."""
    api("POST", "/contacts/ada:merge", {"loser": "bob"})
    path = f"{api.campaign}/members"

    alone = api("POST", path, {"contact_id": "bob"})
    batch = api("POST", f"{path}:batch", {"items": [{"contact_id": "bob"}]})

    (item,) = batch["json"]["items"]
    assert alone["statusCode"] == item["status"] == 404
    for told in (alone["json"], item["error"]):
        assert "contact bob was merged into ada; name that one" in str(told)
    assert api("GET", path)["json"]["items"] == []


def test_salesforce_campaigns_are_found_by_name(api: Client) -> None:
    """The function that may speak to Salesforce is asked."""
    answer = api("GET", "/salesforce-campaigns", name="spr")

    assert answer["json"] == {"items": [FOUND]}
    assert api.errands.asked == [{"search": "spr"}]
    assert api("GET", "/salesforce-campaigns")["statusCode"] == 422


def test_a_search_that_tells_nothing_is_tried_again() -> None:
    """An empty answer is no empty list."""
    answer = Client(told={"status": "completed"})("GET", "/salesforce-campaigns", name="spr")

    assert answer["statusCode"] == 503


def test_a_member_waits_when_its_campaign_syncs(api: Client) -> None:
    """Removed, it is gone for everybody, and kept until it is gone in Salesforce."""
    api("PATCH", api.campaign, {"sync": {"option": "new"}})
    path = f"{api.campaign}/members"
    added = api("POST", path, {"contact_id": "ada"})
    api.now = NOON + MINUTE

    removed = api("DELETE", f"{path}/ada")

    assert added["json"]["state"] == "waiting"
    assert removed["statusCode"] == 204
    assert api("GET", path)["json"]["items"] == []
    assert api("GET", "/contacts/ada/memberships")["json"]["items"] == []
    (kept,) = api.members.page(api.campaign.split("/")[-1], limit=9).items
    assert kept.removed_at == NOON + MINUTE


@pytest.mark.parametrize(
    ("details", "state"),
    [
        ({}, "waiting"),
        ({"waiting": due(NOON), "counterpart": LINKED}, "waiting"),
        ({"counterpart": LINKED}, "linked"),
        ({"counterpart": replace(LINKED, campaign_record_id="701000000000002AAA")}, "waiting"),
        ({"skip": SKIP, "waiting": due(NOON, Lane.RETRY)}, "skipped"),
        ({"skip": SKIP, "counterpart": LINKED}, "skipped"),
        ({"skip": SKIP, "waiting": due(NOON)}, "waiting"),
    ],
)
def test_how_far_a_member_is_on_its_way(details: dict[str, Any], state: str) -> None:
    """What is known of another campaign's record is not shown."""
    api = Client()
    campaign_id = api.link()
    api.members.save_many([a_member("ada", campaign_id, **details)])

    shown = api("GET", f"{api.campaign}/members/ada")["json"]

    assert shown["state"] == state
    linked = details.get("counterpart") is LINKED
    assert (shown["salesforce"] is not None) is linked
    assert shown["skipped"] == (
        {"reason": "not_linked", "since": "2026-11-22T12:00:00Z", "message": "not there"}
        if "skip" in details
        else None
    )


def test_what_a_linked_member_shows() -> None:
    """Salesforce's own status may stand for ours."""
    api = Client()
    campaign_id = api.link()
    api.members.save_many([a_member("ada", campaign_id, counterpart=LINKED)])

    shown = api("GET", f"{api.campaign}/members/ada")["json"]
    campaign = api("GET", api.campaign)["json"]

    assert shown["salesforce"] == {
        "id": "00vAB00000abcDEYAY",
        "person_id": "00QAB00000abcDE2AY",
        "status": "Sent",
        "responded": True,
        "linked_at": "2026-11-22T12:00:00Z",
    }
    assert campaign["sync"]["state"] == "linked"
    assert campaign["sync"]["salesforce_id"] == CAMPAIGN_ID


def test_a_choice_that_ended_says_why() -> None:
    """Nothing waits until somebody chooses again."""
    api = Client()
    campaign_id = api.link()
    campaign = api.campaigns.get_many([campaign_id])[campaign_id]
    refused = replace(campaign.sync, refusal="There is no such campaign.")
    api.campaigns.save(replace(campaign, sync=refused, counterpart=None))

    sync = api("GET", api.campaign)["json"]["sync"]

    assert (sync["state"], sync["reason"]) == ("ended", "There is no such campaign.")
    again = {"sync": {"option": "existing", "salesforce_id": CAMPAIGN_ID}}
    assert api("PATCH", api.campaign, again)["json"]["sync"]["state"] == "waiting"
