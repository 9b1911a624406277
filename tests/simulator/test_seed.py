"""The seeded org, the page, and the speed that the tables are built for."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from simulator import Simulator
from simulator.credentials import Credentials
from simulator.seed import seed
from tests.simulator.conftest import TOKEN, Client

RESERVED = re.compile(r"(?:.*\.)?(?:example|test|example\.(?:com|org|net))")
FREE_MAIL = re.compile(r"simulated\.person\.\d+@", re.IGNORECASE)


@pytest.fixture(scope="module")
def seeded(credentials: Credentials) -> Client:
    simulator = Simulator(credentials=credentials, access_token=TOKEN)
    seed(simulator.org, people=2000, number=1)
    return Client(simulator=simulator)


def test_the_same_seed_plants_the_same_org(seeded: Client, client: Client) -> None:
    """Ids and stamps included, whatever the time is."""
    seed(client.simulator.org, people=2000, number=1)

    for name in ("Account", "Contact", "Lead", "Opportunity", "CampaignMember"):
        sql = f'SELECT * FROM "{name}" ORDER BY Id'
        one, other = (one.simulator.org.store.db.execute(sql) for one in (seeded, client))
        assert one.fetchall() == other.fetchall()


def test_another_seed_plants_another_org(client: Client, seeded: Client) -> None:
    """The number decides."""
    seed(client.simulator.org, people=50, number=2)

    name = "SELECT LastName FROM Contact ORDER BY Id LIMIT 20"
    assert client.values(name) != seeded.values(name)


def test_the_org_has_the_mess_of_real_ones(seeded: Client) -> None:
    """At least two thousand people, three hundred accounts, and everything that goes wrong."""

    def count(query: str) -> int:
        return int(seeded.ask(f"SELECT COUNT() FROM {query}").json()["totalSize"])

    people = [
        record
        for kind in ("Contact", "Lead")
        for record in seeded.simulator.org.system_query(
            f"SELECT Name, Email, LastName, SystemModstamp, LastModifiedDate FROM {kind}"
        )
    ]
    emails = Counter(str(one["Email"]).lower() for one in people if one["Email"])
    stamps = Counter(one["SystemModstamp"] for one in people)
    websites = [str(one) for one in seeded.values("SELECT Website FROM Account")]
    names = " ".join(str(one["Name"]) for one in people)

    assert len(people) >= 2000
    assert count("Account") >= 300
    assert sum(one["Email"] is None for one in people) > 50
    assert sum(number > 1 for number in emails.values()) > 50
    assert count("Lead WHERE IsConverted = true AND ConvertedContactId != null") > 10
    assert count("Contact WHERE AccountId = null") > 10
    assert count("Contact WHERE HasOptedOutOfEmail = true") > 10
    assert count("Contact WHERE Email LIKE '%@gmail.com'") > 5
    assert max(stamps.values()) > 30
    assert sum(one["LastModifiedDate"] < one["SystemModstamp"] for one in people) > 20
    assert max(len(one["LastName"]) for one in people) == 80
    for script in ("Α-Ω", "А-Я", "一-鿿", "ぁ-ヿ一-鿿", "ء-ي", "א-ת", "à-ÿ"):
        assert re.search(f"[{script}]", names), script
    for piece in ("https://www.", "http://", "HTTPS://", ":8080", ".co.example", "None", "/en/"):
        assert any(piece in website for website in websites), piece


def test_nobody_real_is_written_to(seeded: Client) -> None:
    """Addresses are on reserved names, or at free-mail hosts with artificial names."""
    for kind in ("Contact", "Lead"):
        for email in seeded.values(f"SELECT Email FROM {kind} WHERE Email != null LIMIT 2000"):
            assert RESERVED.fullmatch(email.rpartition("@")[2].lower()) or FREE_MAIL.match(email)


def test_the_page_shows_what_is_going_on(client: Client) -> None:
    """Objects, records, calls and faults, escaped."""
    account = client.create("Account", Name="<b>Acme</b>")
    client.control("faults", {"do": "status", "status": 503, "match": {"path": "*/limits"}})
    client.get("limits")
    client.control("features", {"page_size": 7})

    page = client.get("/_simulator/")
    text = page.body.decode()
    records = client.get("/_simulator/objects/Account?q=acme").body.decode()
    record = client.get(f"/_simulator/objects/Account/{account}").body.decode()

    assert page.headers["Content-Type"].startswith("text/html")
    for piece in ("status before 503", "/services/data/v66.0/limits", "page_size", "Account</a>"):
        assert piece in text
    assert "&lt;b&gt;Acme&lt;/b&gt;" in records and account in records
    assert f'href="/_simulator/objects/User/{client.simulator.org.user_id}"' in record
    assert client.get("/_simulator/objects/Nothing").status == 404


def test_an_org_in_a_file_is_found_again(tmp_path: Path, credentials: Credentials) -> None:
    """Records, ids and the recycle bin survive a restart."""
    file = str(tmp_path / "org.db")
    first = Client(simulator=Simulator(credentials=credentials, access_token=TOKEN, database=file))
    kept, deleted = (first.create("Contact", LastName=name) for name in "ab")
    first.delete(f"sobjects/Contact/{deleted}")
    first.simulator.org.store.close()

    again = Client(simulator=Simulator(credentials=credentials, access_token=TOKEN, database=file))

    assert again.values("SELECT Id FROM Contact", how="queryAll") == [kept, deleted]
    assert again.create("Contact", LastName="c") not in {kept, deleted}
    again.simulator.org.store.close()
