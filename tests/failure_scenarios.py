"""How two-way syncs fail in the field: each situation has a number, and tests that show ours.

A test carries the number as `@pytest.mark.failure("F01")`, above it or beside one of its cases;
docs/failure-scenarios.md is printed from these words and those tests.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).resolve().parent

READING = "Reading what changed"
ISOLATION = "Errors, and what they must not take along"
LIMITS = "Limits, sessions and rights"
WRITING = "Writing once"
CAMPAIGNS = "Campaigns and their members"
TWO_WAY = "Both ways"

# By number: the chapter, what happens, and what has to come of it.
SCENARIOS = {
    "F01": (
        READING,
        "A row is committed minutes after its stamp, and newer rows were read meanwhile",
        "the first poll after it appears reads it, once",
    ),
    "F02": (
        READING,
        "More rows share one stamp than a page holds, and the process dies between two pages",
        "all arrive, and none is asked for without end",
    ),
    "F03": (
        READING,
        "More rows share one stamp than one run can take",
        "the next run goes on from the last row",
    ),
    "F04": (
        READING,
        "A row changes while a run reads",
        "the next run reads it again",
    ),
    "F05": (
        READING,
        "An answer is longer than a page",
        "the rest is fetched without counting rows",
    ),
    "F06": (
        READING,
        "The place in a long answer is lost",
        "the query is asked again from the last row that was stored",
    ),
    "F07": (
        READING,
        "A run fails after some of its pages",
        "the next one begins with the page that failed",
    ),
    "F08": (
        READING,
        "A process dies at any moment",
        "what it had noted is never ahead of what it had stored",
    ),
    "F09": (
        READING,
        "The org is older than any window",
        "its oldest records come in with the first run",
    ),
    "F10": (
        READING,
        "A query takes too long",
        "its window is split until it passes; it never counts as an empty answer",
    ),
    "F11": (
        READING,
        "A bulk job hangs, fails or is aborted",
        "waiting is bounded; the job is resumed by its id, or made again once",
    ),
    "F12": (
        READING,
        "Texts hold line breaks, quotes, emoji or words that look like a blank; a number is zero",
        "they arrive as they are, by every path",
    ),
    "F14": (
        READING,
        "One record changes again and again within the overlap",
        "each version counts once",
    ),
    "F15": (
        READING,
        "Nothing has changed",
        "a poll costs its call, and writes nothing",
    ),
    "F16": (
        READING,
        "An id comes with 15 characters here and 18 there",
        "it is one record",
    ),
    "F17": (
        READING,
        "The sync was down for days",
        "it goes on by itself where it stopped",
    ),
    "F18": (
        ISOLATION,
        "One row of a page cannot be understood",
        "the others come in",
    ),
    "F19": (
        ISOLATION,
        "One row of a collection is refused",
        "the others are written; it is shown with Salesforce's words",
    ),
    "F20": (
        ISOLATION,
        "One value makes Salesforce refuse the whole request",
        "its row is found by halving, and the others are written",
    ),
    "F21": (
        ISOLATION,
        "Every row is refused",
        "the run is no success",
    ),
    "F23": (
        ISOLATION,
        "Some rows are locked",
        "they alone are tried again, after a pause",
    ),
    "F24": (
        ISOLATION,
        "A bulk job ends with rows that it did not process",
        "they wait for the next one",
    ),
    "F25": (
        ISOLATION,
        "A mapped field is deleted, or hidden from our user",
        "it is left out with a warning, and comes back by itself",
    ),
    "F26": (
        ISOLATION,
        "An object is hidden from our user",
        "that object stands still, and the others go on",
    ),
    "F27": (
        ISOLATION,
        "A message of the queue poisons whoever takes it",
        "it ends among the dead letters, its neighbours are served, and sending it again is safe",
    ),
    "F28": (
        ISOLATION,
        "Code of the org fails on a row",
        "the row is tried again later, and not at once",
    ),
    "F29": (
        LIMITS,
        "The day's API calls run low",
        "what can wait stops first, nothing is lost, and the report says so",
    ),
    "F30": (
        LIMITS,
        "Salesforce is busy for a moment",
        "the request is repeated after a pause, and the day goes on",
    ),
    "F31": (
        LIMITS,
        "The session ends in the middle of a run",
        "all workers share one sign-in, and each request is repeated once",
    ),
    "F33": (
        LIMITS,
        "Our access was revoked",
        "one clear error, no hammering; what waits goes on when access is back",
    ),
    "F35": (
        LIMITS,
        "A list of ids or addresses grows long",
        "it is cut into queries that Salesforce takes",
    ),
    "F36": (
        WRITING,
        "The answer to a write gets lost",
        "trying again makes nothing twice",
    ),
    "F37": (
        WRITING,
        "An upsert fails",
        "it is not followed by a plain insert",
    ),
    "F38": (
        WRITING,
        "A job is delivered again, or two workers hold one contact",
        "there is one record, with the latest values",
    ),
    "F39": (
        WRITING,
        "Somebody is in Salesforce as a lead and as a contact",
        "no third record is made, and the contact comes first",
    ),
    "F40": (
        WRITING,
        "Several records share one address",
        "the choice among them is always the same, and is told",
    ),
    "F42": (
        WRITING,
        "An address comes in capitals, with blanks, an apostrophe, or is none",
        "it matches whatever its case, and never becomes part of a query",
    ),
    "F43": (
        WRITING,
        "An address changes in Salesforce",
        "the contact follows, and nobody is made anew",
    ),
    "F44": (
        WRITING,
        "A duplicate rule stops a new record",
        "the setting decides, and it is not tried for ever",
    ),
    "F45": (
        CAMPAIGNS,
        "Somebody is a member of the campaign already",
        "that is success: the member is linked, and its status brought up to date",
    ),
    "F46": (
        CAMPAIGNS,
        "The campaign does not know a member's status",
        "it is mapped by the rules, and the other members cross",
    ),
    "F47": (
        CAMPAIGNS,
        "Somebody is a member of two campaigns",
        "a change of one membership never touches the other",
    ),
    "F48": (
        TWO_WAY,
        "A field is cleared",
        "the clear crosses where that side decides, and does not where blanks must not overwrite",
    ),
    "F49": (
        TWO_WAY,
        "Our own write comes back, perhaps as Salesforce rewrote it",
        "it is no news, and nothing goes in circles",
    ),
    "F51": (
        TWO_WAY,
        "Both sides edit one contact",
        "different fields both survive; of one field the later edit stands, and the other is told",
    ),
    "F52": (
        TWO_WAY,
        "Automation of the org changes a record after our write",
        "its values come in, and a mere touch changes nothing",
    ),
    "F54": (
        TWO_WAY,
        "A record is deleted, comes back, or is erased for good",
        "its link ends, returns, or is found dead, as the settings say",
    ),
    "F55": (
        TWO_WAY,
        "Two records are merged in Salesforce",
        "the contact follows the winner, and nobody is lost",
    ),
    "F56": (
        TWO_WAY,
        "A lead is converted",
        "the contact follows to the Contact and its Account, with all its memberships",
    ),
    "F58": (
        TWO_WAY,
        "Somebody opts out, on either side",
        "the refusal stands on every path",
    ),
    "F59": (
        TWO_WAY,
        "Many people of one new company come at once",
        "the company is looked up for all together, and made once",
    ),
    "F60": (
        TWO_WAY,
        "A contact comes before its Account",
        "the Account goes first, and nobody gets a wrong one",
    ),
    "F62": (
        TWO_WAY,
        "A value is a choice, a list of choices, a number or a date",
        "it keeps its type both ways, and one that the org does not know costs its field alone",
    ),
    "F65": (
        TWO_WAY,
        "Hundreds of thousands of changes come at once",
        "few workers take them, no fresh edit waits behind them, and the backlog can be seen",
    ),
    "F66": (
        LIMITS,
        "A stream stands still, or letters lie dead",
        "an alarm goes off",
    ),
    "F67": (
        TWO_WAY,
        "The first sync begins, or a mistake would delete thousands",
        "a dry run says what would happen, and the guard stops what looks like a catastrophe",
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """A test that shows how a situation ends.

    Attributes:
        path: Of its module, below the project's root.
        name: Of the function.
        law: The first sentence of its docstring.
    """

    path: str
    name: str
    law: str


def shown() -> dict[str, list[Shown]]:
    """Return the tests of each number, in the order of their files."""
    found: dict[str, list[Shown]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.FunctionDef):
                continue
            for number in _numbers(node):
                docstring = ast.get_docstring(node) or ""
                found.setdefault(number, []).append(
                    Shown(
                        path=str(path.relative_to(TESTS.parent)),
                        name=node.name,
                        law=docstring.partition("\n\n")[0].replace("\n", " "),
                    )
                )
    return found


def _numbers(node: ast.FunctionDef) -> list[str]:
    """Return the numbers that a test carries, each once: its own, and those of its cases."""
    found = [
        str(call.args[0].value)
        for decorator in node.decorator_list
        for call in ast.walk(decorator)
        if isinstance(call, ast.Call)
        and ast.unparse(call.func) == "pytest.mark.failure"
        and isinstance(call.args[0], ast.Constant)
    ]
    return list(dict.fromkeys(found))
