"""The rows of people: most are fine, and some are what real orgs are full of."""

import random
from dataclasses import dataclass, field
from typing import Any

from simulator.seed.companies import Company
from simulator.seed.names import TITLES, Names, slug

FREE_MAIL = ("gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "gmx.de", "web.de")
SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other", None)
# Of a thousand people, so many...
WITHOUT_EMAIL, WITH_FREE_MAIL, SHARING_AN_EMAIL = 70, 90, 50
OPTED_OUT, LONG_VALUES, BACK_DATED, LEAD_AND_CONTACT = 60, 4, 40, 80
THOUSAND = 1_000

Values = dict[str, Any]


@dataclass(kw_only=True)
class Crowd:
    """Draws people, and remembers enough to draw some of them twice."""

    names: Names
    dice: random.Random
    companies: list[Company]
    emails: list[str] = field(default_factory=list)

    def _once_in(self, of_thousand: int) -> bool:
        return self.dice.randrange(THOUSAND) < of_thousand

    def person(self, number: int, company: Company | None) -> Values:
        """Return the values that leads and contacts have in common."""
        name = self.names.person()
        values: Values = {
            "FirstName": None if self._once_in(30) else name.first,
            "LastName": name.last,
            "Email": self._email(number, name.first, name.last, company),
            "Title": self.dice.choice(TITLES) if self._once_in(700) else None,
            "Phone": f"+00 {self.dice.randrange(10**8):08d}" if self._once_in(600) else None,
            "HasOptedOutOfEmail": int(self._once_in(OPTED_OUT)),
            "LeadSource": self.dice.choice(SOURCES),
            "City": name.city,
            "Country": name.country,
        }
        if self._once_in(LONG_VALUES) or number == 0:
            values |= {
                "LastName": ("Longhyphenatedsurname-of-the-North " * 3)[:80].strip(),
                "Title": ("Senior Vice President of Everything " * 4)[:128].strip(),
                "City": "Llanfairpwllgwyngyllgogerychwyrndrobwlll"[:40],
                "Description": ("A long note. " * 2_600)[:32_000].strip(),
            }
        parts = [values["FirstName"], values["LastName"]]
        values["Name"] = " ".join(part for part in parts if part)
        return values

    def _email(self, number: int, first: str, last: str, company: Company | None) -> str | None:
        if self._once_in(WITHOUT_EMAIL):
            return None
        if self.emails and self._once_in(SHARING_AN_EMAIL):
            shared = self.dice.choice(self.emails)
            return shared.upper() if self._once_in(300) else shared
        if company is None or self._once_in(WITH_FREE_MAIL):
            email = f"simulated.person.{number}@{self.dice.choice(FREE_MAIL)}"
        else:
            local = ".".join(part for part in (slug(first), slug(last)) if part) or "person"
            email = f"{local[:40]}.{number}@{company.domain}"[-80:]
        self.emails.append(email)
        return email
