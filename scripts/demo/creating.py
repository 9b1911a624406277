"""Steps in which new contacts of ours become records."""

import re
from collections import Counter

from scripts.demo.cast import Cast
from scripts.demo.stack import Json, wait_until
from scripts.demo.telling import Step

_HOST = re.compile(r"^(?:https?://)?(?:www\.)?(?P<host>[a-z0-9-]+\.example)/?$", re.IGNORECASE)


def create_lead(cast: Cast, step: Step) -> None:
    """A new contact becomes a Lead, however often it is asked for."""
    email = f"ada.lindqvist.{cast.tag}@newcomer.example"
    cast.stack.api.change_settings(creation={"create_as": "lead", "create_accounts": False})
    step.tell("By the settings, new contacts become Leads.")
    step.tell(f"A program creates {email} with sync_to_salesforce, and repeats the request.")
    made = [_create(cast, email, "Ada", "Lindqvist", "Newcomer") for _ in range(2)]
    step.verify("both answers name one contact", expected=1, found=len({m["id"] for m in made}))
    wait_until(lambda: bool(cast.ours(made[0])["salesforce"]))

    contact = cast.ours(made[0])
    rows = _people(cast, "Lead", email)
    step.verify("Salesforce has one Lead of that address", expected=1, found=len(rows))
    step.verify("it is a Lead, not a Contact", expected=[], found=_people(cast, "Contact", email))
    step.verify(
        "it bears our id and our values",
        expected=[(contact["id"].lower(), "Ada", "Lindqvist", "Newcomer")],
        found=[
            (r["Counterpart_Id__c"].lower(), r["FirstName"], r["LastName"], r["Company"])
            for r in rows
        ],
    )
    step.verify(
        "here, the contact is linked to it",
        expected=[("Lead", row["Id"]) for row in rows],
        found=[(contact["salesforce"]["object"], contact["salesforce"]["id"])],
    )


def create_contact(cast: Cast, step: Step) -> None:
    """With the setting changed, a new contact becomes a Contact on the Account of its domain."""
    account, host = _account(cast)
    cast.stack.api.change_settings(creation={"create_as": "contact"})
    step.tell("The settings now say that new contacts become Contacts.")
    step.tell(f"{account['Name']} has written its website as {account['Website']!r}.")
    email = f"noor.haddad.{cast.tag}@{host}"
    made = _create(cast, email, "Noor", "Haddad", account["Name"])
    step.tell(f"A program creates {email}.")
    wait_until(lambda: bool(cast.ours(made)["salesforce"]))

    contact = cast.ours(made)
    rows = _people(cast, "Contact", email)
    step.verify(
        "Salesforce has one Contact of that address, on that Account",
        expected=[account["Id"]],
        found=[row["AccountId"] for row in rows],
    )
    step.verify("and no Lead", expected=[], found=_people(cast, "Lead", email))
    step.verify(
        "here, the contact is linked to it",
        expected=[("Contact", row["Id"]) for row in rows],
        found=[(contact["salesforce"]["object"], contact["salesforce"]["id"])],
    )


def create_colleagues(cast: Cast, step: Step) -> None:
    """Two people of one new company, at once, share one new Account."""
    host = f"lighthouse-{cast.tag}.example"
    cast.stack.api.change_settings(creation={"create_accounts": True})
    step.tell("The settings now allow to make Accounts where a domain has none.")
    step.tell(f"Two people of {host} are created at the same time.")
    emails = [f"{name}@{host}" for name in ("ines.okafor", "jun.watanabe")]
    made = cast.stack.api.call(
        "POST",
        "/contacts:batch",
        {
            "items": [
                _wish(email, first, last, "Lighthouse")
                for email, first, last in zip(
                    emails, ("Ines", "Jun"), ("Okafor", "Watanabe"), strict=True
                )
            ]
        },
    )["items"]
    contacts = [item["contact"] for item in made]
    wait_until(lambda: all(cast.ours(contact)["salesforce"] for contact in contacts))

    accounts = cast.stack.salesforce.query(
        f"SELECT Id, Name FROM Account WHERE Website LIKE '%{host}%'"  # noqa: S608 - our own
    )
    step.verify("Salesforce has one new Account of that domain", expected=1, found=len(accounts))
    rows = [row for email in emails for row in _people(cast, "Contact", email)]
    step.verify(
        "both are Contacts on it",
        expected=[account["Id"] for account in accounts] * 2,
        found=[row["AccountId"] for row in rows],
    )
    step.verify(
        "here, both belong to one company",
        expected=(True, 1),
        found=(
            bool(cast.ours(contacts[0])["company_id"]),
            len({cast.ours(contact)["company_id"] for contact in contacts}),
        ),
    )


def _wish(email: str, first: str, last: str, company: str) -> Json:
    return {
        "email": email,
        "fields": {"first_name": first, "last_name": last, "company_name": company},
        "sync_to_salesforce": True,
    }


def _create(cast: Cast, email: str, first: str, last: str, company: str) -> Json:
    contact: Json = cast.stack.api.call(
        "POST",
        "/contacts",
        _wish(email, first, last, company),
        headers={"Idempotency-Key": email},
    )
    return contact


def _people(cast: Cast, sobject: str, email: str) -> list[Json]:
    more = "AccountId" if sobject == "Contact" else "Company"
    return cast.stack.salesforce.query(
        f"SELECT Id, FirstName, LastName, Counterpart_Id__c, {more} FROM {sobject}"  # noqa: S608
        f" WHERE Email = '{email}'"
    )


def _account(cast: Cast) -> tuple[Json, str]:
    """Return an Account whose website names a host that no other does, and that host."""
    rows = cast.stack.salesforce.query("SELECT Id, Name, Website FROM Account ORDER BY Id")
    sites = [str(row["Website"] or "").lower() for row in rows]
    hosts = {
        row["Id"]: match["host"].lower()
        for row in rows
        if (match := _HOST.match(row["Website"] or ""))
    }
    often = Counter(host for host in hosts.values() for site in sites if host in site)
    found = [(row, hosts[row["Id"]]) for row in rows if often[hosts.get(row["Id"], "")] == 1]
    # The worse it is written, the better the story.
    return max(found, key=lambda pair: len(pair[0]["Website"]) - len(pair[1]))
