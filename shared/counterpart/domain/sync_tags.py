"""Tags that tell how a contact came to be in Salesforce.

They are views of the link: computed when somebody looks, never stored, and so never wrong. Taking
one away pauses what goes out of its contact; adding it again ends the pause.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from counterpart.domain.creation_requests import CreateAs
from counterpart.domain.links import LinkedBy
from counterpart.domain.records import SObject
from counterpart.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from counterpart.domain.contacts import Contact


# Of those that people give; a merge of two contacts may bring more together.
MOST_TAGS = 200


class SyncTag(StrEnum):
    """The tags that the sync gives, under the names that marketing tools know them by."""

    ADDED_AS_CONTACT = "added-to-salesforce-contact"
    ADDED_AS_LEAD = "added-to-salesforce-lead"
    CREATED_FROM_CONTACT = "created-from-salesforce-contact"
    CREATED_FROM_LEAD = "created-from-salesforce-lead"
    CONVERTED = "salesforce-lead-converted-to-contact"
    ADDED_AS_PERSON_ACCOUNT = "added-to-salesforce-person-account"
    CREATED_FROM_PERSON_ACCOUNT = "created-from-salesforce-person-account"
    CONVERTED_TO_PERSON_ACCOUNT = "salesforce-lead-converted-to-person-account"


class _Story(StrEnum):
    """How a contact came to be linked, in as many words as there are tags for."""

    ADDED = "added"
    CAME_IN = "came in"
    CONVERTED = "converted"


_STORIES = {
    LinkedBy.RECORD: _Story.CAME_IN,
    # The person was here before, and met the record there.
    LinkedBy.EMAIL: _Story.ADDED,
    LinkedBy.CREATION: _Story.ADDED,
    LinkedBy.CONVERSION: _Story.CONVERTED,
}

_TAGS = {
    (_Story.ADDED, SObject.CONTACT): SyncTag.ADDED_AS_CONTACT,
    (_Story.ADDED, SObject.LEAD): SyncTag.ADDED_AS_LEAD,
    (_Story.CAME_IN, SObject.CONTACT): SyncTag.CREATED_FROM_CONTACT,
    (_Story.CAME_IN, SObject.LEAD): SyncTag.CREATED_FROM_LEAD,
    (_Story.CONVERTED, SObject.CONTACT): SyncTag.CONVERTED,
}

# A person account's Contact is what is linked; the tag names what people see there.
_PERSON_ACCOUNT_TAGS = {
    _Story.ADDED: SyncTag.ADDED_AS_PERSON_ACCOUNT,
    _Story.CAME_IN: SyncTag.CREATED_FROM_PERSON_ACCOUNT,
    _Story.CONVERTED: SyncTag.CONVERTED_TO_PERSON_ACCOUNT,
}

_REQUESTED = {
    CreateAs.CONTACT: SyncTag.ADDED_AS_CONTACT,
    CreateAs.LEAD: SyncTag.ADDED_AS_LEAD,
}


def sync_tag(contact: Contact) -> SyncTag | None:
    """Return the one tag that the link gives, also while it is taken away.

    A request to be created gives its tag at once; the tag is no proof of the record.
    """
    counterpart = contact.counterpart
    if counterpart:
        # Of links from before their beginnings were remembered, this is the likeliest.
        story = _STORIES.get(counterpart.began_by, _Story.CAME_IN)
        if counterpart.person_account:
            return _PERSON_ACCOUNT_TAGS[story]
        return _TAGS.get((story, counterpart.object))
    if contact.creation:
        return _REQUESTED[contact.creation.create_as or CreateAs.LEAD]
    return None


def tags_of(contact: Contact) -> tuple[str, ...]:
    """Return all tags of a contact: those that people gave, then the sync's."""
    own = [tag for tag in contact.tags if not is_reserved(tag)]
    given = sync_tag(contact)
    return (*own, given.value) if given and not contact.outbound_paused_at else tuple(own)


def is_reserved(tag: str) -> bool:
    """Return whether nobody but the sync gives this tag."""
    return tag.strip().casefold() in _RESERVED


def _known(tag: str) -> str:
    """Return *tag*, in its usual spelling if it is one of the sync's."""
    return tag.strip().casefold() if is_reserved(tag) else tag


_RESERVED = frozenset(tag.value for tag in SyncTag)


@dataclass(frozen=True, kw_only=True, slots=True)
class Retagged:
    """What becomes of the tags of a contact.

    Attributes:
        tags: Those that people gave.
        removed: The sync's tag was taken away, now.
        restored: It was added again, now.
        others: Tags of the sync's that were to be taken away, and are those of other contacts.
    """

    tags: tuple[str, ...]
    removed: bool = False
    restored: bool = False
    others: tuple[str, ...] = ()


def retagged(
    contact: Contact,
    *,
    tags: Sequence[str] | None,
    add: Iterable[str] = (),
    remove: Collection[str] = (),
) -> Retagged:
    """Return what a wish makes of the tags.

    Args:
        contact: Whose.
        tags: All of them, or `None` to begin with those that there are.
        add: Further ones.
        remove: Not these.

    Raises:
        InputError: it would give a tag that only the sync gives, or too many.
    """
    given = sync_tag(contact)
    unwanted = {tag.casefold() for tag in remove}
    before = tags_of(contact)
    named = map(_known, (*(before if tags is None else tags), *add))
    wanted = [tag for tag in dict.fromkeys(named) if tag.casefold() not in unwanted]
    for tag in wanted:
        if is_reserved(tag) and tag != given:
            message = f"{tag} is given by the sync alone, and tells how a contact was linked; "
            message += f"this one's is {given}" if given else "this one is not linked, and has none"
            raise InputError(message, field="tags")
    own = tuple(tag for tag in wanted if not is_reserved(tag))
    if len(own) > max(MOST_TAGS, len(contact.tags)):
        message = f"a contact has {MOST_TAGS} tags at most; with these it would have {len(own)}"
        raise InputError(message, field="tags")
    bears = given is not None and given.value in wanted
    bore = given is not None and given.value in before
    return Retagged(
        tags=own,
        removed=bore and not bears,
        restored=bears and not bore,
        others=tuple(tag for tag in dict.fromkeys(map(_known, remove)) if _is_others(tag, given)),
    )


def _is_others(tag: str, given: SyncTag | None) -> bool:
    return is_reserved(tag) and tag != given
