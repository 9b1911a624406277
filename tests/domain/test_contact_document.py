"""Reading what programs send of a contact."""

import pytest

from counterpart.domain.contact_document import read_edit
from counterpart.domain.editing import Edit
from counterpart.domain.mapping import FieldMapping, Mode
from counterpart.domain.records import SObject
from counterpart.domain.standard_fields import CONTACT_FIELDS
from counterpart.domain.values import FieldType
from counterpart.errors import InputError


def a_field(name: str, kind: FieldType) -> FieldMapping:
    """Return a field of a type."""
    return FieldMapping(
        name=name, type=kind, mode=Mode.TWO_WAY, paths={SObject.LEAD: f"{name.title()}__c"}
    )


MAPPING = (
    *CONTACT_FIELDS,
    a_field("score", FieldType.NUMBER),
    a_field("assistant", FieldType.EMAIL),
    a_field("born_on", FieldType.DATE),
    a_field("topics", FieldType.MULTI_ENUM),
)


def test_values_are_brought_into_normal_form() -> None:
    """What is compared later is compared in one form."""
    edit = read_edit(
        email=" ada@example.com ",
        opted_out=True,
        fields={"city": " Turin ", "topics": "b; a", "score": "1.0", "phone": None, "state": ""},
        tags=[" vip ", "vip", "early"],
        mapping=MAPPING,
    )

    assert edit == Edit(
        values={
            "email": "ada@example.com",
            "opted_out": True,
            "city": "Turin",
            "topics": ("a", "b"),
            "score": 1,
            "phone": None,
            "state": None,
        },
        tags=("vip", "early"),
    )


def test_what_was_not_sent_is_no_wish() -> None:
    """Nothing sent, nothing changed."""
    assert read_edit(fields={}, mapping=MAPPING) == Edit()


REFUSED: dict[str, tuple[str, object, str]] = {
    "an unknown field": ("shoe_size", 42, "allowed are assistant, born_on, city"),
    "the address": ("email", "ada@example.com", "email stands beside fields"),
    "the opt-out": ("opted_out", True, "opted_out stands beside fields"),
    "a list for a text": ("city", ["Turin"], "must be text"),
    "true for a text": ("city", True, "must be text"),
    "a word for a number": ("score", "high", "must be a number"),
    "true for a number": ("score", True, "must be a number"),
    "an exponent that fills the memory": ("score", "1e999999999", "18 digits"),
    "a number that cannot be stored": ("score", 10**40, "18 digits"),
    "a word for a date": ("born_on", "yesterday", "must be a date"),
    "a word for an address": ("assistant", "nobody", "must be an e-mail address"),
}


@pytest.mark.parametrize("situation", REFUSED)
def test_a_wrong_value_is_refused(situation: str) -> None:
    """A complaint names the field, and what is allowed."""
    name, value, sentence = REFUSED[situation]

    with pytest.raises(InputError) as complaint:
        read_edit(fields={name: value}, mapping=MAPPING)

    assert complaint.value.field == f"fields.{name}"
    assert sentence in complaint.value.detail


def test_an_address_that_is_none() -> None:
    """A contact is known by its address."""
    with pytest.raises(InputError) as complaint:
        read_edit(email="ada", fields={}, mapping=MAPPING)

    assert complaint.value.field == "email"


@pytest.mark.parametrize("tags", [[""], ["t" * 101], [str(n) for n in range(201)]])
def test_tags_beyond_measure(tags: list[str]) -> None:
    """Tags are words, and not too many of them."""
    with pytest.raises(InputError) as complaint:
        read_edit(fields={}, tags=tags, mapping=MAPPING)

    assert complaint.value.field == "tags"
