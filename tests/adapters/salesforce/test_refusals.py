"""What single rows are answered."""

from __future__ import annotations

import pytest

from counterpart.adapters.salesforce.refusals import row_answer
from counterpart.domain.refusals import Refusal, Remedy
from counterpart.ports import RowAnswer


def refused(*errors: object) -> Refusal:
    """Return the refusal in an item with these errors."""
    refusal = row_answer({"success": False, "errors": list(errors)}).refusal
    assert refusal
    return refusal


def test_a_short_id_becomes_a_long_one() -> None:
    """Ids have 18 characters everywhere inside."""
    told = {"id": "003AB00000abcDE", "success": True, "created": True, "errors": []}

    assert row_answer(told) == RowAnswer(record_id="003AB00000abcDEYAY", created=True)


def test_a_refusal_keeps_salesforces_words_and_fields() -> None:
    """An operator reads them."""
    told = {
        "statusCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "message": "No titles\non Sundays",
        "fields": ["Title"],
    }

    assert refused(told, {"statusCode": "OTHER"}) == Refusal(
        code="FIELD_CUSTOM_VALIDATION_EXCEPTION",
        message="No titles\non Sundays",
        fields=("Title",),
        others=(Refusal(code="OTHER", message=""),),
    )


@pytest.mark.parametrize(
    "words",
    [
        "duplicate value found: Counterpart_Id__c duplicates value on record with id: {}",
        "Doppelter Wert abcdefghijklmno im Datensatz {}.",
    ],
)
def test_a_unique_value_that_is_taken_names_its_holder(words: str) -> None:
    """The sentence holds a short id, in whatever language, among other words of that length."""
    refusal = refused(
        {"statusCode": "DUPLICATE_VALUE", "message": words.format("003AB00000abcDE"), "fields": []}
    )

    assert refusal.matches == ("003AB00000abcDEYAY",)
    assert refusal.remedy is Remedy.ADOPT


@pytest.mark.failure("F44")
def test_a_duplicate_that_was_detected_names_its_matches() -> None:
    """F44: each once, from every rule that matched."""
    records = [{"record": {"attributes": {"type": "Lead"}, "Id": "00QAB00000abcDE2AY"}}]
    result = {
        "allowSave": False,
        "matchResults": [
            {"matchRecords": records, "rule": "Standard_Lead_Match_Rule", "size": 1},
            {"matchRecords": [*records, {"record": {"Id": "003AB00000abcDE"}}], "size": 2},
        ],
    }

    refusal = refused(
        {
            "statusCode": "DUPLICATES_DETECTED",
            "message": "Use one of these records?",
            "fields": [],
            "duplicateResult": result,
        }
    )

    assert refusal.matches == ("00QAB00000abcDE2AY", "003AB00000abcDEYAY")


def test_a_duplicate_that_was_detected_may_keep_silent_about_its_matches() -> None:
    """The documentation shows it both ways."""
    assert refused({"statusCode": "DUPLICATES_DETECTED", "message": ""}).matches == ()


@pytest.mark.parametrize("told", [None, {}, "no", {"success": True}, {"errors": []}, {"errors": 1}])
def test_a_row_that_failed_without_a_word_is_tried_again(told: object) -> None:
    """Silence is no verdict on the row."""
    refusal = row_answer(told).refusal

    assert refusal
    assert refusal.remedy is Remedy.RETRY
