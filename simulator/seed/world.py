"""Fills an org: accounts, contacts, leads, and what hangs on them."""

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from simulator.clock import stamp
from simulator.schema import ObjectType
from simulator.seed.companies import Company, companies
from simulator.seed.mess import BACK_DATED, LEAD_AND_CONTACT, THOUSAND, Crowd, Values
from simulator.seed.names import Names
from simulator.seed.pipeline import add_campaigns, add_opportunities

if TYPE_CHECKING:
    from simulator.org import Org

# History ends here, so that the same seed makes the same stamps whenever it is planted.
END = datetime(2026, 1, 1, tzinfo=UTC)
YEARS = 2
DAY_S = 86_400
ACCOUNTS_PER_PERSON = 0.15
CONTACTS_OF_TEN = 6
CHUNK = 5_000
# Of a thousand people, so many came with one of a few bulk loads.
BULK_LOADED, LOADS = 150, 3
CONVERTED, PRIVATE = 60, 80


def seed(org: "Org", *, people: int, number: int = 1) -> dict[str, int]:
    """Fill *org* with *people* and return how many records of each object were made."""
    planter = Planter(org, number)
    with org.store.transaction():
        accounts = planter.accounts(max(round(people * ACCOUNTS_PER_PERSON), 1))
        contacts, leads = planter.people(people, accounts)
        counts = {"Account": planter.made["Account"], "Contact": len(contacts), "Lead": leads}
        counts |= add_opportunities(planter, contacts, max(people // 20, 1))
        counts |= add_campaigns(planter, contacts)
    return counts


class Planter:
    """Writes rows past the API, as an org's history has left them."""

    def __init__(self, org: "Org", number: int) -> None:
        self.org = org
        self.dice = random.Random(number)
        self.names = Names(self.dice)
        now = org.clock.now()
        end = min(END, now - timedelta(days=1))
        self.end = end
        self._loads = [
            end - timedelta(seconds=self.dice.randrange(DAY_S * 300)) for _ in range(LOADS)
        ]
        self.made: dict[str, int] = {}
        self._waiting: dict[str, list[dict[str, Any]]] = {}

    def moment(self) -> datetime:
        """Return a moment of the last years; some are shared by many rows."""
        if self.dice.randrange(THOUSAND) < BULK_LOADED:
            return self.dice.choice(self._loads)
        return self.end - timedelta(seconds=self.dice.randrange(DAY_S * 365 * YEARS))

    def add(self, kind: ObjectType, values: Values) -> str:
        """Add a row with stamps of its own and return its id."""
        row = self.org.new_row(kind, self.org.admin_id)
        modified = self.moment()
        changed = modified
        if self.dice.randrange(THOUSAND) < BACK_DATED:
            # Loaded with its old audit fields, or touched by a process since a person changed it.
            changed -= timedelta(seconds=self.dice.randrange(DAY_S * 2_000))
        created = changed - timedelta(seconds=self.dice.randrange(DAY_S * 90))
        row |= {
            "CreatedDate": stamp(created),
            "LastModifiedDate": stamp(changed),
            "SystemModstamp": stamp(modified),
        }
        row |= values
        waiting = self._waiting.setdefault(kind.name, [])
        waiting.append(row)
        self.made[kind.name] = self.made.get(kind.name, 0) + 1
        if len(waiting) >= CHUNK:
            self.flush()
        return str(row["Id"])

    def flush(self) -> None:
        """Write the rows that wait."""
        for name, rows in self._waiting.items():
            if rows:
                kind = self.org.base.objects[name]
                columns = list(rows[0])
                self.org.store.bulk_insert(
                    kind, columns, ([row.get(column) for column in columns] for row in rows)
                )
                rows.clear()

    def accounts(self, count: int) -> list[tuple[str, Company]]:
        """Add the accounts and return their ids with what they are."""
        kind = self.org.base.objects["Account"]
        made = []
        for company in companies(self.names, self.dice, count):
            values: Values = {
                "Name": company.name,
                "Website": company.website,
                "Industry": company.industry,
                "NumberOfEmployees": company.employees,
                "Description": None,
            }
            made.append((self.add(kind, values), company))
        self.flush()
        return made

    def people(
        self, count: int, accounts: list[tuple[str, Company]]
    ) -> tuple[list[tuple[str, str | None]], int]:
        """Add the people; return the contacts with their accounts, and the number of leads."""
        crowd = Crowd(
            names=self.names, dice=self.dice, companies=[company for _, company in accounts]
        )
        contacts: list[tuple[str, str | None]] = []
        leads = 0
        for number in range(count):
            account_id, company = self.dice.choice(accounts)
            person = crowd.person(number, company)
            if number % 10 < CONTACTS_OF_TEN:
                private = self.dice.randrange(THOUSAND) < PRIVATE
                owner = None if private else account_id
                contacts.append((self._contact(person, owner), owner))
                if self.dice.randrange(THOUSAND) < LEAD_AND_CONTACT and number + 1 < count:
                    leads += 1
                    self._lead(person, company, None, None)
            else:
                leads += 1
                leads_contact = None
                if self.dice.randrange(THOUSAND) < CONVERTED:
                    leads_contact = self._contact(person, account_id)
                    contacts.append((leads_contact, account_id))
                self._lead(person, company, leads_contact, account_id)
        self.flush()
        return contacts, leads

    def _contact(self, person: Values, account_id: str | None) -> str:
        values = {name: value for name, value in person.items() if name not in {"City", "Country"}}
        values.setdefault("Description", None)
        values |= {
            "AccountId": account_id,
            "MailingCity": person["City"],
            "MailingCountry": person["Country"],
        }
        return self.add(self.org.base.objects["Contact"], values)

    def _lead(
        self, person: Values, company: Company, contact_id: str | None, account_id: str | None
    ) -> str:
        values = {"Description": None, **person, "Company": company.name}
        if contact_id is not None:
            values |= {
                "IsConverted": 1,
                "Status": "Closed - Converted",
                "ConvertedDate": stamp(self.end)[:10],
                "ConvertedContactId": contact_id,
                "ConvertedAccountId": account_id,
            }
        return self.add(self.org.base.objects["Lead"], values)
