"""Changed settings: what a proposed document has otherwise, and where a simulation tells of each.

Every setting stands in `TOLD`: with the part of the answer that shows what it does, or with the
reason why nothing of it can be counted. So nobody takes a setting that is not simulated for one
without an effect.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from counterpart.domain.settings_document import to_document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from counterpart.domain.sync_settings import SyncSettings

# Set by the system when something is switched on, or mapped.
_MOMENTS = frozenset({"version", "enabled_at", "since", "mapped_at"})
# What is one setting to people, however much stands in it.
_WHOLE = re.compile(
    r"(fields|company_fields|member_fields|opportunity_fields)\.[^.]+"
    r"|inbound\.objects\.\w+\.selection"
)
_OBJECT = r"(Lead|Contact|Account)"


class Telling(NamedTuple):
    """How a simulation tells of a setting.

    Attributes:
        shown_in: The parts of the answer that show what it does.
        why_not: Why nothing is counted; empty where something is.
    """

    shown_in: tuple[str, ...] = ()
    why_not: str = ""


_RHYTHM = "it says how often or in which way is asked, not what comes of it"
_WAY = "it says in which way edits go out, not which"

# By patterns of whole paths; the first that fits holds.
TOLD: Mapping[str, Telling] = {
    r"conflict_policy|time_zone": Telling(("fields",)),
    r"auto_detect_custom_fields": Telling(("effects",)),
    rf"inbound\.objects\.{_OBJECT}\.enabled": Telling(("fields", "selection")),
    rf"inbound\.objects\.{_OBJECT}\.selection": Telling(("selection",)),
    rf"inbound\.objects\.{_OBJECT}\.interval_minutes": Telling(why_not=_RHYTHM),
    r"inbound\.overlap_minutes": Telling(why_not=_RHYTHM),
    r"inbound\.on_remote_delete": Telling(("effects",)),
    rf"outbound\.(objects\.{_OBJECT}\.)?enabled": Telling(("fields", "creation")),
    r"outbound\.(pace|max_wait_minutes)": Telling(("effects",)),
    r"outbound\.max_waiting": Telling(
        why_not="how many wait changes from minute to minute; GET /backlog counts them"
    ),
    r"outbound\.max_attempts": Telling(("effects",)),
    r"outbound\.api_share_percent": Telling(
        why_not="it is held against the calls of the whole org as they are made; each run tells "
        "what it found as budget_used_percent"
    ),
    r"outbound\.bulk_above": Telling(why_not=_WAY),
    r"creation\.(create_as|match_accounts_by_domain|create_accounts|free_mail_domains"
    r"|work_domains)": Telling(("creation", "creation_values")),
    r"creation\.(on_existing_match|on_duplicate)": Telling(("effects",)),
    r"creation\.(last_name_from|company_from_domain|not_provided)": Telling(("creation_values",)),
    r"creation\.lead\.assignment_rule": Telling(
        why_not="Salesforce runs the rule when a Lead is created, and nobody else knows whose it "
        "becomes"
    ),
    r"creation\.(lead|contact)\.\w+": Telling(("creation_values",)),
    r"creation\.account\.\w+": Telling(
        why_not="Accounts that are made from then on bear it; none that is there is changed"
    ),
    r"campaigns\.interval_minutes": Telling(why_not=_RHYTHM),
    r"campaigns\.create_missing_statuses": Telling(
        why_not="a status is made when a member goes out with it; until then nobody asks the "
        "campaign of Salesforce which it lacks"
    ),
    r"campaigns\.on_remote_removal": Telling(
        why_not="it holds for removals that are read from then on; what was removed or kept before "
        "stays as it is"
    ),
    r"guard\.(share_percent|minimum)": Telling(("effects",)),
    r"fields\..+": Telling(("fields", "creation_values")),
    r"company_fields\..+": Telling(("fields",)),
    r"member_fields\..+": Telling(
        why_not="members are not looked at; a field crosses at the next change of each member, on "
        "either side, and what stands in the way of it is among the problems"
    ),
    r"opportunities\.enabled": Telling(
        why_not="nothing is caught up on or taken away; opportunities come in as they change next, "
        'and earlier ones when somebody pulls {"objects": ["Opportunity"], "since": ...}'
    ),
    r"opportunities\.interval_minutes": Telling(why_not=_RHYTHM),
    r"opportunity_fields\..+": Telling(
        why_not="it is filled as each opportunity changes next, and of all that changed since a "
        'moment when somebody pulls {"objects": ["Opportunity"], "since": ...}; one that is mapped '
        "no more keeps its values"
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangedSetting:
    """One setting that a proposed document has otherwise.

    Attributes:
        setting: Its place in the document.
        before: As JSON; `None` where there is none.
        after: Likewise.
    """

    setting: str
    before: object
    after: object

    @property
    def telling(self) -> Telling:
        """Return how a simulation tells of it."""
        return telling_of(self.setting)

    def answer(self) -> dict[str, object]:
        """Return it as JSON."""
        return {
            "setting": self.setting,
            "before": self.before,
            "after": self.after,
            "shown_in": list(self.telling.shown_in),
        }


def telling_of(setting: str) -> Telling:
    """Return how a simulation tells of a setting, by its place in the document."""
    return next(told for pattern, told in TOLD.items() if re.fullmatch(pattern, setting))


def changed_settings(before: SyncSettings, after: SyncSettings) -> tuple[ChangedSetting, ...]:
    """Return what *after* has otherwise than *before*, in the order of the document."""
    old, new = settings_of(before), settings_of(after)
    return tuple(
        ChangedSetting(setting=place, before=old.get(place), after=new.get(place))
        for place in dict.fromkeys((*old, *new))
        if old.get(place) != new.get(place)
    )


def settings_of(settings: SyncSettings) -> dict[str, object]:
    """Return every setting by its place in the document, without what the system notes there."""
    return dict(_flat(to_document(settings), ""))


def _flat(content: Mapping[str, object], path: str) -> Iterator[tuple[str, object]]:
    for name, value in content.items():
        place = f"{path}.{name}" if path else name
        if name in _MOMENTS and not _WHOLE.fullmatch(place):
            continue
        if _WHOLE.fullmatch(place) and isinstance(value, Mapping):
            yield place, {key: each for key, each in value.items() if key not in _MOMENTS}
        elif isinstance(value, Mapping):
            yield from _flat(value, place)
        else:
            yield place, value
