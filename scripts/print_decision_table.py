"""Print docs/decision-table.md from the very tables by which fields are decided.

python -m scripts.print_decision_table > docs/decision-table.md
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterpart.domain.conflicts import BY_CHANGE, NEWEST_RECORD
from counterpart.domain.mapping import ConflictPolicy, Mode
from counterpart.domain.policy import PULL, PUSH, Changed, Gate, Sides, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MODES = {
    Mode.PREFER_SALESFORCE: (
        "Salesforce's value wins; ours goes out only where Salesforce has none.",
        "The blank is judged by a fresh reading, just before the write.",
        "One that automation leaves behind as soon as it was filled is not filled again for it.",
    ),
    Mode.ALWAYS_SALESFORCE: (
        "Salesforce's value comes in, also when it was cleared; ours never goes out.",
        "An edit of ours stays here until the record changes again.",
    ),
    Mode.ALWAYS_OURS: (
        "Our value goes out, also when it was cleared; Salesforce's never comes in.",
        "A field of ours that never had a value clears nothing.",
    ),
    Mode.TWO_WAY: (
        "Both sides may change the field; the setting `conflict_policy` says who wins.",
        "What lost is kept in the run's outcomes.",
        "In both directions the same table decides.",
    ),
    Mode.DO_NOT_SYNC: ("Each side keeps its own.",),
    Mode.RESTRICTIVE_WINS: (
        "Reserved for the opt-out: a refusal on either side becomes a refusal on both.",
        "Whoever reads a record takes the refusal that it holds; so does a push.",
        "An unticked box counts as empty, so nothing ever opts a person back in by itself.",
        "An opt-in by hand goes out over the refusal that it lifts.",
        "It takes effect once Salesforce has taken it.",
        "A refusal that it did not know of still wins.",
    ),
}

POLICIES = {
    ConflictPolicy.THREE_WAY: (
        "The usual: whoever changed the field since both agreed, wins; if both did, the later.",
        "Two people who edit different fields of one person never get in each other's way.",
    ),
    ConflictPolicy.SALESFORCE_WINS: (
        "As above, but where both changed the field, Salesforce's value wins whoever was later.",
        "A push leaves such a field alone, and the pull brings what was waiting there.",
    ),
    ConflictPolicy.NEWEST_RECORD: (
        "There is no memory: the record's time stands for each of its fields against that of ours.",
        "So a record that was touched later replaces an edit of ours that has not gone out yet.",
        "It does so even where another field of it was touched.",
        "At a first meeting a blank is no opinion here either.",
    ),
}

INTRODUCTION = """\
# Who wins a field

This page is printed from the tables in `shared/counterpart/domain/policy.py` and \
`conflicts.py`, by which every field is decided; a test compares the two.
Print it again with `python -m scripts.print_decision_table > docs/decision-table.md`.

Values are compared in their normal form: spaces around a text, the order of a multi-select \
list, `1.0` for `1` and another time zone are no difference.
"""

GATE = """\
A record comes in through a **gate**, field by field.
It is open if the record's `LastModifiedDate` is later than the moment at which our field became \
what it is.
At the same second it is open if our field is still what was last seen in Salesforce.
It stays closed for our own write coming back.
"""

FIRST_MEETING = """\
On the first meeting of a contact and a record nobody knows what both last agreed on.
Then a blank is no opinion, and of two values the later wins.
Whatever is left different by that is decided as if we had just edited it.
"""

BLANKS = """\
A field with `"blank_overwrites": false` clears nothing: a blank on one side says nothing about \
the other, which keeps its value until that side changes it.
"""

EMAIL = """\
The e-mail address identifies a person: a blank or broken one in Salesforce never replaces ours.
"""


def decision_table() -> str:
    """Return the page."""
    parts = [INTRODUCTION, GATE, FIRST_MEETING, BLANKS, EMAIL]
    parts += [_section(mode) for mode in MODES]
    return "\n".join(parts)


def _section(mode: Mode) -> str:
    text = "\n".join([f"## `{mode}`", "", *MODES[mode], "", ""])
    if mode is Mode.TWO_WAY:
        return text + "\n".join(_policy(policy) for policy in POLICIES)
    return text + _table(
        [
            "the sides",
            "a newer record comes in",
            "an older record comes in",
            "our edit goes out",
        ],
        [
            [
                _words(sides),
                _words(PULL[mode][Gate.OPEN, sides]),
                _words(PULL[mode][Gate.CLOSED, sides]),
                _words(PUSH[mode][sides]),
            ]
            for sides in Sides
        ],
    )


def _policy(policy: ConflictPolicy) -> str:
    text = "\n".join([f"### `{policy}`", "", *POLICIES[policy], "", ""])
    if policy is ConflictPolicy.NEWEST_RECORD:
        rows = [
            [_words(sides), *(_words(NEWEST_RECORD[gate, sides]) for gate in Gate)]
            for sides in Sides
        ]
        return text + _table(["the sides", "the record is newer", "ours is newer or as old"], rows)
    rows = [[_words(who), _words(BY_CHANGE[policy][who])] for who in Changed]
    return text + _table(["who changed it", "in both directions"], rows)


def _words(entry: Sides | Changed | Verdict) -> str:
    """Return an entry; what changes something stands out."""
    return f"**{entry}**" if entry in {Verdict.TAKE, Verdict.SEND} else str(entry)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


if __name__ == "__main__":
    print(decision_table(), end="")
