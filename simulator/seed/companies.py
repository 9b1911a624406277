"""Companies, and every way in which people write down a website."""

import random
from dataclasses import dataclass

from simulator.seed.names import Names, slug

# How a website is written, given its domain.
WEBSITES = (
    "http://{d}",
    "https://{d}",
    "https://www.{d}",
    "http://www.{d}/",
    "{d}",
    "www.{d}",
    "{D}",
    "HTTPS://WWW.{D}/",
    "https://{d}/en/about-us?ref=crm",
    "http://{d}:8080/",
    "https://shop.{d}",
    "{d}.",
    " https://{d}/#top",
    "//{d}/",
)
NONSENSE = ("none", "n/a", "http://", "tbd", "www", "see LinkedIn", "-", "http:/broken", "???")
INDUSTRIES = ("Technology", "Banking", "Healthcare", "Retail", "Education", "Energy", "Media")
# One in so many accounts...
WITHOUT_WEBSITE, WITH_NONSENSE, TWICE = 12, 25, 15
LONGEST_WEBSITE, NUMBER_OF_LONGEST = 255, 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Company:
    """A company as its people know it."""

    name: str
    domain: str
    website: str | None
    industry: str
    employees: int


def companies(names: Names, dice: random.Random, count: int) -> list[Company]:
    """Return *count* accounts, some of which are of one company."""
    made: list[Company] = []
    for number in range(count):
        if made and number % TWICE == TWICE - 1:
            made.append(_again(dice.choice(made), dice))
            continue
        name = names.company(number)
        domain = _domain(name, number)
        made.append(
            Company(
                name=name,
                domain=domain,
                website=_website(domain, number, dice),
                industry=dice.choice(INDUSTRIES),
                employees=dice.choice((3, 12, 48, 250, 1_200, 40_000)),
            )
        )
    return made


def _again(one: Company, dice: random.Random) -> Company:
    """Return a second account of a company that the org already has."""
    website = dice.choice(WEBSITES).format(d=one.domain, D=one.domain.upper()).strip()
    return Company(
        name=f"{one.name} ({dice.choice(('EMEA', 'US', 'old', 'Holding'))})",
        domain=one.domain,
        website=website,
        industry=one.industry,
        employees=one.employees,
    )


def _domain(name: str, number: int) -> str:
    base = slug(name)
    kind = number % 10
    if kind == 0:
        return f"{base}.co.example"
    if kind == 1:
        return f"{base}.test"
    return f"{base}.example"


def _website(domain: str, number: int, dice: random.Random) -> str | None:
    if number % WITHOUT_WEBSITE == 0:
        return None
    if number % WITH_NONSENSE == 1:
        return dice.choice(NONSENSE)
    if number == NUMBER_OF_LONGEST:
        path = "https://" + domain + "/"
        return path + "x" * (LONGEST_WEBSITE - len(path))
    return dice.choice(WEBSITES).format(d=domain, D=domain.upper()).strip()
