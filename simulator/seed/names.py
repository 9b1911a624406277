"""Names of people, places and companies in many scripts, drawn from seeded pools."""

import random
import re
import unicodedata
from dataclasses import dataclass

from faker import Faker

# A locale, and how many of a hundred people have a name from it.
LOCALES = {
    "en_US": 34,
    "de_DE": 14,
    "fr_FR": 11,
    "es_ES": 9,
    "pl_PL": 6,
    "tr_TR": 4,
    "el_GR": 4,
    "uk_UA": 5,
    "zh_CN": 5,
    "ja_JP": 4,
    "ar_AA": 2,
    "he_IL": 2,
}
POOL = 120
PROVIDERS = ["faker.providers.person", "faker.providers.address"]
# fmt: off
STEMS = (
    "Acme", "Anchor", "Apex", "Aurora", "Banyan", "Beacon", "Birch", "Bluebird", "Bramble",
    "Bright", "Cedar", "Cinder", "Clover", "Cobalt", "Comet", "Copper", "Coral", "Crane",
    "Crest", "Crystal", "Delta", "Drift", "Dune", "Eagle", "Echo", "Elm", "Ember", "Falcon",
    "Fern", "Flint", "Forge", "Fox", "Gale", "Garnet", "Glacier", "Granite", "Grove",
    "Harbor", "Haven", "Hazel", "Heron", "Hollow", "Indigo", "Iron", "Ivy", "Jasper",
    "Juniper", "Kestrel", "Lagoon", "Lark", "Laurel", "Linden", "Lotus", "Lunar", "Lynx",
    "Maple", "Marble", "Meadow", "Mesa", "Mint", "Mosaic", "Nimbus", "North", "Oak", "Onyx",
    "Orchard", "Osprey", "Otter", "Pearl", "Pebble", "Pine", "Pioneer", "Prairie", "Quartz",
    "Quill", "Raven", "Reef", "Ridge", "River", "Robin", "Rowan", "Sable", "Saffron", "Sage",
    "Sequoia", "Shore", "Sierra", "Silver", "Slate", "Solstice", "Spruce", "Summit", "Swift",
    "Tamarack", "Tarn", "Thistle", "Timber", "Topaz", "Vale", "Verdant", "Vista", "Willow",
    "Winter", "Wren", "Yarrow", "Zephyr",
)
TRADES = (
    "Works", "Labs", "Logistics", "Foods", "Energy", "Media", "Studio", "Systems", "Partners",
    "Group", "Industries", "Health", "Mobility", "Textiles", "Robotics", "Analytics",
    "Travel", "Interiors", "Tools", "Pharma", "Optics", "Printing", "Software", "Consulting",
    "Instruments", "Packaging", "Ceramics", "Shipping", "Insurance", "Academy",
)
# fmt: on
FORMS = ("", " Ltd", " GmbH", " Inc.", " S.A.", " & Sons", " AG", " Oy", " B.V.", " LLC")
TITLES = (
    "Head of Marketing",
    "CEO",
    "Buyer",
    "Account Manager",
    "Geschäftsführerin",
    "Directrice commerciale",
    "VP Sales",
    "Engineer",
    "Office Manager",
    "営業部長",
    "Data Analyst",
    "Founder & CEO",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """A person's name and where they live."""

    first: str
    last: str
    city: str
    country: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Pool:
    """The names of one locale."""

    firsts: list[str]
    lasts: list[str]
    cities: list[str]
    country: str


class Names:
    """Draws names; the same seed draws the same ones."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._pools = [_pool(locale, dice.randrange(2**32)) for locale in LOCALES]
        self._weights = list(LOCALES.values())

    def person(self) -> Person:
        """Return somebody."""
        pool = self._dice.choices(self._pools, self._weights)[0]
        return Person(
            first=self._dice.choice(pool.firsts),
            last=self._dice.choice(pool.lasts),
            city=self._dice.choice(pool.cities),
            country=pool.country,
        )

    def company(self, number: int) -> str:
        """Return the name of the company *number*, unlike any other's."""
        stem = STEMS[number % len(STEMS)]
        trade = TRADES[number // len(STEMS) % len(TRADES)]
        again = number // (len(STEMS) * len(TRADES))
        return f"{stem} {trade}{f' {again + 1}' if again else ''}{self._dice.choice(FORMS)}"


def _pool(locale: str, number: int) -> Pool:
    faker = Faker(locale, providers=PROVIDERS, use_weighting=False)
    faker.seed_instance(number)
    return Pool(
        firsts=[faker.first_name() for _ in range(POOL)],
        lasts=[faker.last_name() for _ in range(POOL)],
        cities=[faker.city()[:40] for _ in range(POOL)],
        country=locale.partition("_")[2],
    )


def slug(text: str) -> str:
    """Return *text* as it could stand in an address; other scripts leave nothing."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
