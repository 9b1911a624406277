"""The tags that tell how a contact was linked, and what taking them away means."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.domain.contact_document import read_edit
from counterpart.domain.contacts import Contact
from counterpart.domain.creation_requests import CreateAs, CreationRequest
from counterpart.domain.editing import Edit, born, edited, hurried, requested
from counterpart.domain.links import LinkedBy
from counterpart.domain.notices import NoticeCode
from counterpart.domain.openings import open_since
from counterpart.domain.outbound_settings import Outbound
from counterpart.domain.pushing import has_to_go, plan_push
from counterpart.domain.records import SObject
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.sync_tags import SyncTag, retagged, sync_tag, tags_of
from counterpart.domain.waiting import Lane, Waiting
from counterpart.errors import InputError
from tests.domain.samples import HOUR, MINUTE, NOON, a_contact, a_counterpart, a_ledger, a_record

SETTINGS = SyncSettings()
RECORD, EMAIL, CREATION = LinkedBy.RECORD, LinkedBy.EMAIL, LinkedBy.CREATION
CONVERSION, MERGE, UNDELETION = LinkedBy.CONVERSION, LinkedBy.MERGE, LinkedBy.UNDELETION
LOCAL_MERGE = LinkedBy.LOCAL_MERGE

# (object, person account, how it was linked, how that began) → tag
TAGS = [
    (SObject.CONTACT, False, RECORD, None, "created-from-salesforce-contact"),
    (SObject.LEAD, False, RECORD, None, "created-from-salesforce-lead"),
    (SObject.CONTACT, False, CREATION, None, "added-to-salesforce-contact"),
    (SObject.LEAD, False, CREATION, None, "added-to-salesforce-lead"),
    (SObject.CONTACT, False, EMAIL, None, "added-to-salesforce-contact"),
    (SObject.LEAD, False, EMAIL, None, "added-to-salesforce-lead"),
    (SObject.CONTACT, False, CONVERSION, None, "salesforce-lead-converted-to-contact"),
    (SObject.CONTACT, False, MERGE, CONVERSION, "salesforce-lead-converted-to-contact"),
    (SObject.LEAD, False, MERGE, CREATION, "added-to-salesforce-lead"),
    (SObject.CONTACT, False, UNDELETION, RECORD, "created-from-salesforce-contact"),
    (SObject.LEAD, False, LOCAL_MERGE, EMAIL, "added-to-salesforce-lead"),
    (SObject.CONTACT, True, RECORD, None, "created-from-salesforce-person-account"),
    (SObject.CONTACT, True, CREATION, None, "added-to-salesforce-person-account"),
    (SObject.CONTACT, True, CONVERSION, None, "salesforce-lead-converted-to-person-account"),
]


def a_linked_contact(sobject: SObject = SObject.LEAD, **details: Any) -> Contact:  # noqa: ANN401 - what a contact has
    """Return a contact that came in."""
    counterpart = a_counterpart(1, sobject)
    ledger = a_ledger(email="ada@example.com", job_title="Engineer")
    return a_contact(**{"counterpart": counterpart, "ledger": ledger, **details})


def edit(contact: Contact, at: int = 0, **wanted: Any) -> tuple[Contact, list[NoticeCode]]:  # noqa: ANN401 - what an edit has
    """Return a contact after an edit, and what its writer is told."""
    result = edited(
        contact,
        Edit(**wanted),
        settings=SETTINGS,
        lane=Lane.FRESH,
        now=NOON + at * MINUTE,
    )
    return result.contact, [notice.code for notice in result.notices]


@pytest.mark.parametrize(("sobject", "person_account", "linked_by", "origin", "tag"), TAGS)
def test_the_link_gives_the_tag(
    sobject: SObject,
    person_account: bool,  # noqa: FBT001 - a column of the table
    linked_by: LinkedBy,
    origin: LinkedBy | None,
    tag: str,
) -> None:
    """Each way of being linked has its tag, which merges and undeletions keep."""
    counterpart = a_counterpart(
        1, sobject, linked_by=linked_by, origin=origin, person_account=person_account
    )
    contact = a_contact(tags=("vip",), counterpart=counterpart)

    assert tags_of(contact) == ("vip", tag)


def test_every_tag_is_given_by_some_link() -> None:
    """No name is reserved for nothing."""
    assert {tag for *_, tag in TAGS} == set(SyncTag)


@given(
    sobject=st.sampled_from([SObject.LEAD, SObject.CONTACT]),
    by=st.sampled_from(LinkedBy),
    person_account=st.booleans(),
)
def test_a_link_gives_at_most_one_tag(
    *, sobject: SObject, by: LinkedBy, person_account: bool
) -> None:
    """So whatever replaces a link replaces its tag, too."""
    counterpart = a_counterpart(1, sobject, linked_by=by, person_account=person_account)

    assert len(tags_of(a_contact(counterpart=counterpart))) <= 1


@pytest.mark.parametrize("refusal", [None, "DUPLICATES_DETECTED: ..."])
@pytest.mark.parametrize(
    ("create_as", "tag"),
    [
        (CreateAs.LEAD, "added-to-salesforce-lead"),
        (CreateAs.CONTACT, "added-to-salesforce-contact"),
    ],
)
def test_the_tag_comes_with_the_request(create_as: CreateAs, tag: str, refusal: str | None) -> None:
    """It is no proof that a record was made."""
    request = CreationRequest(requested_at=NOON, create_as=create_as, refusal=refusal)

    assert tags_of(a_contact(creation=request)) == (tag,)


def test_a_contact_that_is_nobodys_counterpart() -> None:
    """It has the tags that people gave."""
    assert tags_of(a_contact(tags=("vip",))) == ("vip",)


def test_a_reserved_name_given_by_hand_long_ago() -> None:
    """It tells nothing, and is not shown."""
    contact = a_linked_contact(tags=("vip", "Added-To-Salesforce-Contact"))

    assert tags_of(contact) == ("vip", "created-from-salesforce-lead")


@pytest.mark.parametrize("name", ["added-to-salesforce-lead", " Created-From-Salesforce-Contact"])
def test_a_reserved_name_given_by_hand(name: str) -> None:
    """Only the sync gives it."""
    with pytest.raises(InputError, match="given by the sync alone") as refusal:
        edit(a_linked_contact(), add_tags=(name,))
    with pytest.raises(InputError, match="given by the sync alone"):
        born("ada", Edit(tags=(name,)), settings=SETTINGS, request_key=None, now=NOON)

    assert refusal.value.field == "tags"
    assert str(refusal.value).endswith("this one's is created-from-salesforce-lead")


CONVERTED = "salesforce-lead-converted-to-contact"


def test_the_tag_from_before_a_conversion_is_taken_away() -> None:
    """It pauses nothing, and whoever meant to is told which one does."""
    counterpart = a_counterpart(1, SObject.CONTACT, linked_by=CONVERSION)
    contact = a_linked_contact(counterpart=counterpart)
    wanted = Edit(remove_tags=("Created-From-Salesforce-Lead",))

    result = edited(contact, wanted, settings=SETTINGS, lane=Lane.FRESH, now=NOON)

    assert result.contact is contact
    (notice,) = result.notices
    assert notice.code is NoticeCode.NOT_PAUSED
    assert notice.message.startswith("created-from-salesforce-lead is not a tag of this contact")
    assert CONVERTED in notice.message


@pytest.mark.parametrize(
    "contact",
    [
        a_contact(),
        a_linked_contact(outbound_paused_at=NOON),
        requested(a_contact(), create_as=None, settings=SETTINGS, now=NOON).contact,
    ],
    ids=["not linked", "paused already", "requested"],
)
def test_a_tag_of_others_is_taken_away_where_nothing_can_be_paused(contact: Contact) -> None:
    """Nothing is to be said of it."""
    assert edit(contact, remove_tags=(CONVERTED,)) == (contact, [])


def test_tags_that_people_give() -> None:
    """They come and go beside the sync's, in the order in which they were given."""
    contact = a_linked_contact(tags=("vip", "beta"))

    after, told = edit(contact, add_tags=("newsletter", "vip"), remove_tags=("BETA",))

    assert tags_of(after) == ("vip", "newsletter", "created-from-salesforce-lead")
    assert after.waiting is None
    assert told == []


@pytest.mark.parametrize(
    "wanted",
    [
        {"remove_tags": ("created-from-salesforce-lead",)},
        {"tags": ("vip",)},
        {"tags": ()},
    ],
    ids=["removed", "left out of all", "none left"],
)
def test_without_its_tag_nothing_of_a_contact_goes_out(wanted: dict[str, Any]) -> None:
    """It says so at once, and again with each edit that would have gone."""
    paused, told = edit(a_linked_contact(tags=("vip",)), **wanted)
    after, told_then = edit(replace(paused, waiting=None), 1, values={"job_title": "Director"})

    assert paused.outbound_paused_at == NOON
    assert sync_tag(paused) not in tags_of(paused)
    assert told == [NoticeCode.OUTBOUND_PAUSED]
    # The next look takes note of it.
    assert paused.waiting == Waiting(lane=Lane.FRESH, next_push_at=NOON)
    assert after.ledger.values["job_title"] == "Director"
    assert after.waiting is None
    assert NoticeCode.OUTBOUND_PAUSED in told_then


def test_a_pause_ends_a_request_that_a_record_has_answered() -> None:
    """Left behind, it would make another record once this one is gone."""
    request = CreationRequest(requested_at=NOON, create_as=CreateAs.LEAD)
    awaits = Waiting(lane=Lane.CREATE, next_push_at=NOON + HOUR)

    paused, _ = edit(a_linked_contact(creation=request, waiting=awaits), tags=())

    assert paused.creation is None
    assert paused.waiting == Waiting(lane=Lane.FRESH, next_push_at=NOON)


@pytest.mark.parametrize(
    "wanted",
    [
        {"tags": ("vip", "Created-From-Salesforce-Lead")},
        {"add_tags": (" CREATED-FROM-SALESFORCE-LEAD ",)},
    ],
    ids=["among all", "added"],
)
def test_its_tag_in_another_spelling_is_its_tag(wanted: dict[str, Any]) -> None:
    """Programs that write tags back in capitals neither fail nor pause anything."""
    before = a_linked_contact(tags=("vip",))

    after, told = edit(before, **wanted)

    assert tags_of(after) == ("vip", "created-from-salesforce-lead")
    assert (after.outbound_paused_at, told) == (None, [])


def test_a_pause_keeps_every_way_out_closed() -> None:
    """Neither a pull nor somebody in a hurry marks a paused contact."""
    unseen = a_ledger(job_title="Engineer", seen=False)
    paused, _ = edit(a_linked_contact(ledger=unseen), tags=())
    paused = replace(paused, waiting=None)
    record = a_record(values={"job_title": None})
    fields = SETTINGS.fields_of(SObject.LEAD)

    result = hurried(paused, settings=SETTINGS, now=NOON)

    assert not has_to_go(paused, record, fields, Outbound())
    assert has_to_go(replace(paused, outbound_paused_at=None), record, fields, Outbound())
    assert result.contact is paused
    assert [notice.code for notice in result.notices] == [NoticeCode.OUTBOUND_PAUSED]


def test_putting_the_tag_back_goes_on_with_later_edits() -> None:
    """As with every switch, what was edited meanwhile stays here."""
    paused, _ = edit(a_linked_contact(), tags=())
    meanwhile, _ = edit(replace(paused, waiting=None), 1, values={"job_title": "Director"})

    resumed, told = edit(meanwhile, 2, add_tags=("created-from-salesforce-lead",))

    assert resumed.outbound_paused_at is None
    assert told == [NoticeCode.OUTBOUND_RESUMED]
    assert resumed.waiting is None
    since = open_since(resumed, SObject.LEAD, Outbound(enabled_at=NOON - HOUR))
    assert since == NOON + 2 * MINUTE
    later, _ = edit(resumed, 3, values={"job_title": "Chief"})
    assert later.waiting is not None


def test_a_refusal_goes_out_during_a_pause() -> None:
    """Whoever asks not to be mailed is not forgotten over somebody's tag; the rest stays."""
    paused, _ = edit(a_linked_contact(), tags=())
    paused = replace(paused, waiting=None)

    refused, told = edit(paused, 1, values={"opted_out": True})
    _, told_of_both = edit(paused, 1, values={"opted_out": True, "job_title": "Director"})

    assert refused.waiting == Waiting(lane=Lane.FRESH, next_push_at=NOON + MINUTE)
    assert told == []
    assert NoticeCode.OUTBOUND_PAUSED in told_of_both


@pytest.mark.parametrize("seen", [{"opted_out": False}, {}], ids=["seen", "never seen"])
def test_a_pull_lets_a_refusal_out_of_a_pause(seen: dict[str, Any]) -> None:
    """A record that does not know of it yet is told, and of nothing else."""
    ledger = replace(
        a_ledger({"opted_out": True, "job_title": "Director"}),
        shadows={"job_title": "Engineer", **seen},
    )
    paused = a_linked_contact(ledger=ledger, outbound_paused_at=NOON)
    record = a_record(values={"job_title": "Engineer", "opted_out": False})
    fields = SETTINGS.fields_of(SObject.LEAD)
    since = open_since(paused, SObject.LEAD, Outbound())

    plan = plan_push(paused.ledger, record, fields, open_since=since)

    assert plan.sent == {"opted_out": True}
    assert has_to_go(paused, record, fields, Outbound())


def test_a_tag_that_is_there_given_once_more() -> None:
    """Sending back what was read changes nothing."""
    contact = a_linked_contact(tags=("vip",))

    after, told = edit(contact, tags=tags_of(contact))

    assert after is contact
    assert told == []


def test_taking_away_the_tag_of_a_request() -> None:
    """The request is withdrawn, and its job finds nothing to do."""
    asked = requested(a_contact(), create_as=None, settings=SETTINGS, now=NOON).contact

    after, told = edit(asked, 1, remove_tags=("added-to-salesforce-lead",))

    assert tags_of(asked) == ("added-to-salesforce-lead",)
    assert (after.creation, after.waiting, after.outbound_paused_at) == (None, None, None)
    assert told == [NoticeCode.CREATION_WITHDRAWN]


def test_asking_for_a_record_ends_a_pause() -> None:
    """Who was paused, and then lost the record, is not paused for ever."""
    contact = a_contact(outbound_paused_at=NOON - HOUR)

    after = requested(contact, create_as=None, settings=SETTINGS, now=NOON).contact

    assert after.outbound_paused_at is None


def test_more_tags_than_a_contact_may_have() -> None:
    """Adding to them has a limit; who has more, since two were merged, may lose some, or all."""
    full = a_contact(tags=tuple(f"t{number}" for number in range(200)))
    fuller = a_contact(tags=tuple(f"t{number}" for number in range(250)))

    with pytest.raises(InputError, match="200 tags at most; with these it would have 201"):
        retagged(full, tags=None, add=("one more",))
    assert len(retagged(full, tags=None, add=("one more",), remove=("t0",)).tags) == 200
    assert len(retagged(fuller, tags=None, remove=("t0",)).tags) == 249


def test_all_tags_that_were_read_are_sent_back() -> None:
    """The sync's own does not count among those that people give."""
    full = a_contact(counterpart=a_counterpart(), tags=tuple(f"t{number}" for number in range(200)))

    assert len(tags_of(full)) == 201
    edit = read_edit(fields={}, tags=tags_of(full), mapping=())
    assert retagged(full, tags=edit.tags).tags == full.tags
