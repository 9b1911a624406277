"""Settings with the places of their fields: asked for when one is looked at, and then once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from counterpart.domain.mapping import FieldMapping, Mode
from counterpart.domain.records import AnyObject, CampaignObject, SObject
from counterpart.domain.sync_settings import SyncSettings
from counterpart.domain.values import FieldType
from counterpart.errors import CounterpartError, MissingFieldError, TransientError
from counterpart.ports import FieldFacts
from counterpart.use_cases.places import placed

if TYPE_CHECKING:
    from collections.abc import Mapping

LEAD, CONTACT = SObject.LEAD, SObject.CONTACT


class Org:
    """Describes each object as having a text of ten characters, `Note__c`."""

    def __init__(self, error: CounterpartError | None = None) -> None:
        self.error = error
        self.asked: list[str] = []

    def describe(self, sobject: str) -> Mapping[str, FieldFacts]:
        self.asked.append(sobject)
        if self.error:
            raise self.error
        facts = FieldFacts(
            path="Note__c", type="string", label="Note", createable=True, updateable=True, length=10
        )
        return {"Note__c": facts}


def a_field(name: str = "note", *, mode: Mode = Mode.ALWAYS_OURS, **paths: str) -> FieldMapping:
    """Return a text that is mapped on Leads and Contacts, unless told where."""
    there: dict[AnyObject, str] = {SObject(key): path for key, path in paths.items()}
    return FieldMapping(
        name=name,
        type=FieldType.STRING,
        mode=mode,
        paths=there or dict.fromkeys((LEAD, CONTACT), "NOTE__c"),
    )


def test_nobody_asks_before_a_place_is_looked_at() -> None:
    """A run in which nothing crosses costs no call for it."""
    org = Org()
    settings = placed(SyncSettings(fields=(a_field(),), time_zone="Europe/Berlin"), org)

    (field,) = settings.fields_of(LEAD)
    assert not org.asked

    place = field.places.get(LEAD)
    assert place
    assert place.length == 10
    assert org.asked == [LEAD]


def test_each_object_is_asked_for_once() -> None:
    """Whatever field it is looked at for, of people, companies or members."""
    org = Org()
    member = FieldMapping(
        name="note",
        type=FieldType.DATE,
        mode=Mode.TWO_WAY,
        paths={CampaignObject.MEMBER: "Note__c"},
    )
    wanted = SyncSettings(
        fields=(a_field("note"), a_field("other", Lead="Other__c")),
        company_fields=(a_field(Account="Note__c"),),
        member_fields=(member,),
    )
    settings = placed(wanted, org)
    for _ in range(2):
        for kind in (LEAD, CONTACT, SObject.ACCOUNT):
            for field in settings.fields_of(kind):
                field.places.get(kind)
        for field in settings.fields_of_members():
            field.places.get(CampaignObject.MEMBER)

    assert org.asked == [LEAD, CONTACT, SObject.ACCOUNT, CampaignObject.MEMBER]


def test_what_is_not_there_has_no_place() -> None:
    """A field that the org lacks, a parent's field, and an object where it is not mapped."""
    org = Org()
    lacking, parents = a_field(Lead="Other__c"), a_field(Contact="Account.Note__c")
    fields = placed(SyncSettings(fields=(lacking, parents)), org).fields

    assert fields[0].places.get(LEAD) is None
    assert fields[0].places.get(CONTACT) is None
    assert fields[1].places.get(CONTACT) is None
    assert org.asked == [LEAD]


@pytest.mark.parametrize("error", [TransientError("busy"), MissingFieldError("hidden")])
def test_where_there_is_no_answer_places_stay_unknown(error: CounterpartError) -> None:
    """And nobody asks again in this run."""
    org = Org(error)
    (field,) = placed(SyncSettings(fields=(a_field(),)), org).fields

    assert [field.places.get(LEAD) for _ in range(3)] == [None, None, None]
    assert org.asked == [LEAD]


def test_of_fields_that_cross_rightly_anyway_nobody_asks() -> None:
    """They know no place at all."""
    org = Org()
    (field,) = placed(SyncSettings(fields=(a_field(mode=Mode.TWO_WAY),)), org).fields

    assert field.places.get(LEAD) is None
    assert not org.asked
