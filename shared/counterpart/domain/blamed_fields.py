"""Which of our fields a refusal keeps here: those that it names, and those that hang on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.values import FieldType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from counterpart.domain.mapping import FieldMapping
    from counterpart.domain.records import AnyObject
    from counterpart.domain.refusals import Refusal

# Where an org has several currencies, all amounts of a record are in the one that stands here.
_CURRENCY = "currencyisocode"


def blamed_fields(
    refusal: Refusal, fields: Sequence[FieldMapping], sobject: AnyObject
) -> dict[str, str]:
    """Return the fields that cannot go because of a refusal, and their places.

    An amount is one of a currency: where Salesforce does not take ours, the number would stand
    there in another one. Which numbers are amounts is not asked for that.

    Args:
        refusal: Why a row was not taken.
        fields: The mapping for its object.
        sobject: Which.
    """
    named = {field.name: path for field in fields if refusal.blames(path := field.paths[sobject])}
    if any(path.casefold() == _CURRENCY for path in named.values()):
        named |= {
            field.name: field.paths[sobject] for field in fields if field.type is FieldType.NUMBER
        }
    return named
