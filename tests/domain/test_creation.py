"""Creating: lead or contact, on which Account, with which values."""

from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpart.domain.account_choice import (
    ACCOUNTS,
    AccountChoice,
    AccountMatch,
    account_wish,
    choose_account,
    company_id_for,
    work_domain,
)
from counterpart.domain.contacts import Contact
from counterpart.domain.creation import NOT_PROVIDED, new_account_values, new_values, object_for
from counterpart.domain.creation_requests import AccountWish, CreateAs
from counterpart.domain.creation_settings import Creation, NameSource, NewRecords
from counterpart.domain.free_mail import FREE_MAIL_DOMAINS
from counterpart.domain.free_records import free_record
from counterpart.domain.links import Link, LinkState
from counterpart.domain.mapping import EMAIL, Mode
from counterpart.domain.records import Record, SObject
from counterpart.domain.standard_fields import CONTACT_FIELDS
from counterpart.domain.values import FieldType, Value
from tests.domain.samples import (
    HOUR,
    NOON,
    a_contact,
    a_field,
    a_ledger,
    a_record,
    law,
    record_id,
)

ON_OFF = [True, False]
MATCHED = AccountMatch(account_id=record_id(1, SObject.ACCOUNT), exact=True)
OWN_DOMAIN = AccountChoice(company_id=company_id_for("acme.example"))


def person(**values: Value) -> Contact:
    """Return a contact that nobody has created in Salesforce yet."""
    return a_contact(ledger=a_ledger(values, seen=False))


# --- Lead or contact -----------------------------------------------------------------------------


@pytest.mark.parametrize(("setting", "job"), list(product(CreateAs, [*CreateAs, None])))
def test_what_it_becomes(setting: CreateAs, job: CreateAs | None) -> None:
    """The job's own word counts, then the setting."""
    wanted = SObject.CONTACT if (job or setting) is CreateAs.CONTACT else SObject.LEAD

    assert object_for(Creation(create_as=setting), job) is wanted


# --- The Account ---------------------------------------------------------------------------------


def chosen(
    *, by_domain: bool, make: bool, matched: bool, domain: str | None = "acme.example"
) -> AccountChoice:
    """Return the Account of a new Contact under these settings."""
    settings = Creation(match_accounts_by_domain=by_domain, create_accounts=make)
    return choose_account(
        account_wish(settings, domain=domain),
        contact_id="ada",
        domain=domain,
        matches=[MATCHED] if matched else [],
    )


@pytest.mark.parametrize(
    ("by_domain", "make", "matched", "choice"),
    [
        (True, True, True, AccountChoice(account_id=MATCHED.account_id)),
        (True, True, False, OWN_DOMAIN),
        (True, False, True, AccountChoice(account_id=MATCHED.account_id)),
        (True, False, False, AccountChoice()),
        (False, False, True, AccountChoice()),
        (False, False, False, AccountChoice()),
    ],
)
def test_the_matrix_of_the_settings(
    *, by_domain: bool, make: bool, matched: bool, choice: AccountChoice
) -> None:
    """Match by domain, create Accounts: every row of the table."""
    assert chosen(by_domain=by_domain, make=make, matched=matched) == choice


@pytest.mark.parametrize("matched", ON_OFF)
def test_without_matching_each_contact_makes_an_account(*, matched: bool) -> None:
    """Even if one exists for its domain, and each contact its own."""
    choice = chosen(by_domain=False, make=True, matched=matched)
    other = choose_account(AccountWish.MAKE, contact_id="bob", domain="acme.example", matches=[])

    assert choice.account_id is None
    assert choice.company_id
    assert choice not in {OWN_DOMAIN, other}


def test_every_pair_of_settings_has_a_wish() -> None:
    """Total."""
    assert set(ACCOUNTS) == set(product(ON_OFF, ON_OFF))


@pytest.mark.parametrize("settled", AccountWish)
@pytest.mark.parametrize("by_domain", ON_OFF)
@pytest.mark.parametrize("make", ON_OFF)
def test_a_setting_that_changed_since_the_request(
    settled: AccountWish, *, by_domain: bool, make: bool
) -> None:
    """What was wished when somebody asked stands; the change touches those who ask later."""
    now = Creation(match_accounts_by_domain=by_domain, create_accounts=make)

    assert account_wish(now, domain="acme.example", settled=settled) is settled


@pytest.mark.parametrize("make", ON_OFF)
def test_a_free_mail_address(*, make: bool) -> None:
    """Its domain is nobody's employer: it neither finds nor shares an Account."""
    assert chosen(by_domain=True, make=make, matched=True, domain=None) == AccountChoice()


@pytest.mark.failure("F59")
def test_two_people_of_one_new_company() -> None:
    """They want the same Account, without knowing of each other."""
    ada, bob = (
        choose_account(
            AccountWish.FIND_OR_MAKE, contact_id=contact_id, domain="acme.example", matches=[]
        )
        for contact_id in ("ada", "bob")
    )

    assert ada == bob


def test_several_accounts_of_one_domain() -> None:
    """The exact host, the bare domain, the one most recently modified, the smaller id."""
    ranked = [
        AccountMatch(account_id="d", exact=True, modified_at=2),
        AccountMatch(account_id="b", exact=True, modified_at=1),
        AccountMatch(account_id="c", exact=True, modified_at=1),
        AccountMatch(account_id="e", exact=False, bare=True, modified_at=0),
        AccountMatch(account_id="a", exact=False, modified_at=3),
    ]

    for matches in permutations(ranked):
        choice = choose_account(
            AccountWish.FIND, contact_id="ada", domain="acme.example", matches=matches
        )
        assert choice == AccountChoice(account_id="d", others=("b", "c", "e", "a"))


# --- Whose employer a domain is ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("email", "registrable", "domain"),
    [
        ("ada@acme.example", "acme.example", "acme.example"),
        ("ada@mail.acme.example", "acme.example", "acme.example"),
        ("ada@gmail.com", "gmail.com", None),
        ("ada@GMAIL.com", "gmail.com", None),
        ("ada@sub.gmail.com", "gmail.com", None),
        # An employer whose domain a list has, and one below it.
        ("ada@tele2.se", "tele2.se", "tele2.se"),
        ("ada@office.tele2.se", "tele2.se", "tele2.se"),
        # Free mail below a domain that is somebody's.
        ("ada@post.example", "post.example", None),
        ("ada@free.acme.example", "acme.example", None),
        ("ada@localhost", None, None),
        (None, None, None),
    ],
)
def test_whose_employer_a_domain_is(
    email: str | None, registrable: str | None, domain: str | None
) -> None:
    """Free mail says nothing, built in or added by the settings, which can take away as well."""
    free_mail = FREE_MAIL_DOMAINS | {"post.example", "free.acme.example"}
    work = {"tele2.se"}

    assert work_domain(email, registrable=registrable, free_mail=free_mail, work=work) == domain


def test_the_built_in_list_is_in_the_form_that_is_compared() -> None:
    """Small letters, a dot, no spaces; the large providers are there."""
    assert all(domain == domain.strip().lower() and "." in domain for domain in FREE_MAIL_DOMAINS)
    assert {
        "gmail.com",
        "outlook.com",
        "hotmail.com",
        "yahoo.com",
        "icloud.com",
        "proton.me",
        "gmx.de",
        "qq.com",
        "web.de",
        "aol.com",
    } <= FREE_MAIL_DOMAINS


# --- A record to link to instead -----------------------------------------------------------------


def link_to(subject_id: str | None, record: Record, state: LinkState) -> dict[str, Link]:
    """Return what the links say of a record."""
    link = Link(record_id=record.id, object=record.object, state=state, subject_id=subject_id)
    return {record.id: link}


@pytest.mark.failure("F39")
@pytest.mark.failure("F40")
def test_a_contact_comes_before_a_lead() -> None:
    """Whatever was modified later; among equals the most recently modified, then the smaller id."""
    ranked = [
        a_record(2, SObject.CONTACT, at=NOON - HOUR),
        a_record(3, SObject.CONTACT, at=NOON - HOUR),
        a_record(1, SObject.CONTACT, at=NOON - 2 * HOUR),
        a_record(1, SObject.LEAD, at=NOON),
    ]

    for found in permutations(ranked):
        record, others = free_record(found, {}, "ada", ())
        assert record == ranked[0]
        assert others == tuple(other.id for other in ranked[1:])


@pytest.mark.parametrize(
    ("subject_id", "state", "free"),
    [
        ("bob", LinkState.LINKED, False),
        # It waits for its own contact, should it come back there.
        ("bob", LinkState.DELETED_THERE, False),
        ("ada", LinkState.LINKED, True),
        ("ada", LinkState.DELETED_THERE, True),
        # Its contact was deleted here; whoever asks for this person anew gets the same record.
        ("bob", LinkState.DELETED_HERE, True),
        (None, LinkState.SKIPPED, True),
    ],
)
def test_a_record_that_means_something_already(
    subject_id: str | None, state: LinkState, *, free: bool
) -> None:
    """One that belongs to another contact is not free."""
    record = a_record(1)

    found, _ = free_record([record], link_to(subject_id, record, state), "ada", ())

    assert found == (record if free else None)


@pytest.mark.parametrize(
    "record",
    [a_record(1, deleted=True), a_record(1)],
    ids=["in the bin", "taken by a neighbour of the same batch"],
)
def test_a_record_that_cannot_be_had(record: Record) -> None:
    """It is left alone."""
    taken = () if record.deleted else (record.id,)

    assert free_record([record], {}, "ada", taken) == (None, ())


# --- Values --------------------------------------------------------------------------------------


def values_of(
    contact: Contact, sobject: SObject = SObject.LEAD, *, domain: str | None = "acme.example"
) -> tuple[dict[str, object], dict[str, Value]]:
    """Return what a new record gets by the standard mapping, and which of it is ours."""
    fields = tuple(field for field in CONTACT_FIELDS if sobject in field.paths)
    values, sent = new_values(contact, fields, sobject, domain=domain)
    return dict(values), sent


def test_a_new_lead() -> None:
    """Our values under Salesforce's names."""
    ada = person(
        email="ada@acme.example",
        first_name="Ada",
        last_name="Lovelace",
        company_name="Acme",
        opted_out=True,
    )

    values, sent = values_of(ada)

    assert values == {
        "Email": "ada@acme.example",
        "FirstName": "Ada",
        "LastName": "Lovelace",
        "Company": "Acme",
        "HasOptedOutOfEmail": True,
    }
    assert sent.items() >= dict(ada.ledger.values).items()


@pytest.mark.parametrize(
    ("known", "domain", "last_name", "company"),
    [
        ({"last_name": "Lovelace", "company_name": "Acme"}, "acme.example", "Lovelace", "Acme"),
        ({}, "acme.example", "ada.l", "acme.example"),
        ({}, None, "ada.l", NOT_PROVIDED),
        ({"last_name": None, "company_name": None}, None, "ada.l", NOT_PROVIDED),
    ],
)
def test_what_a_lead_cannot_do_without(
    known: dict[str, Value], domain: str | None, last_name: str, company: str
) -> None:
    """Last name and company have fallbacks, or Salesforce would refuse the row."""
    values, _ = values_of(person(email="ada.l@acme.example", **known), domain=domain)

    assert values["LastName"] == last_name
    assert values["Company"] == company


FALLBACKS = {
    "a full name": (Creation(), {"full_name": "Ada King Lovelace"}, "Lovelace", "acme.example"),
    "not from the address": (
        Creation(last_name_from=(NameSource.FULL_NAME,)),
        {},
        "[not provided]",
        "acme.example",
    ),
    "the address first": (
        Creation(last_name_from=(NameSource.EMAIL, NameSource.FULL_NAME)),
        {"full_name": "Ada Lovelace"},
        "ada.l",
        "acme.example",
    ),
    "not from the domain": (
        Creation(company_from_domain=False, not_provided="unknown"),
        {},
        "ada.l",
        "unknown",
    ),
}


@pytest.mark.parametrize(
    ("rules", "known", "last_name", "company"), FALLBACKS.values(), ids=FALLBACKS
)
def test_fallbacks_are_settings(
    rules: Creation, known: dict[str, Value], last_name: str, company: str
) -> None:
    """Which of them are used, in which order, and what stands where all fail."""
    ada = person(email="ada.l@acme.example", **known)

    values, _ = new_values(ada, (), SObject.LEAD, domain="acme.example", rules=rules)

    assert values == {"LastName": last_name, "Company": company}


def test_what_new_records_bear() -> None:
    """Record type and owner by object; a lead source of its own is not replaced."""
    bears = NewRecords(record_type_id="012", owner_id="005", lead_source="Website")
    rules = Creation(records=dict.fromkeys(SObject, bears))
    source = next(field for field in CONTACT_FIELDS if field.name == "lead_source")

    plain, sent = new_values(person(), [source], SObject.CONTACT, domain=None, rules=rules)
    known, _ = new_values(
        person(lead_source="Fair"), [source], SObject.CONTACT, domain=None, rules=rules
    )

    assert plain == {
        "LastName": NOT_PROVIDED,
        "LeadSource": "Website",
        "RecordTypeId": "012",
        "OwnerId": "005",
    }
    assert sent["lead_source"] == "Website"
    assert known["LeadSource"] == "Fair"
    account = new_account_values(person(), "acme.example", rules)
    assert (account["RecordTypeId"], account["OwnerId"]) == ("012", "005")


def test_a_new_contact_without_anything() -> None:
    """It needs a last name alone; the name of its company is the Account's."""
    values, _ = values_of(a_contact(), SObject.CONTACT)

    assert values == {"LastName": NOT_PROVIDED}


def test_a_zero_is_a_value() -> None:
    """It is sent like any other number."""
    score = a_field("score", kind=FieldType.NUMBER)

    values, _ = new_values(person(score=0), [score], SObject.CONTACT, domain=None)

    assert values["Score__c"] == 0


@pytest.mark.parametrize(
    ("mode", "goes"),
    [
        (Mode.PREFER_SALESFORCE, True),
        (Mode.ALWAYS_OURS, True),
        (Mode.TWO_WAY, True),
        (Mode.ALWAYS_SALESFORCE, False),
    ],
)
def test_modes_at_a_creation(mode: Mode, *, goes: bool) -> None:
    """Nothing can conflict yet, so all goes out but what only ever comes in."""
    values, sent = new_values(
        person(job_title="Engineer"), [a_field(mode=mode)], SObject.CONTACT, domain=None
    )

    assert ("Title" in values) is goes
    assert (sent.get("job_title") == "Engineer") is goes


@pytest.mark.parametrize("mode", [Mode.ALWAYS_SALESFORCE, Mode.TWO_WAY])
def test_what_makes_a_person_always_goes(mode: Mode) -> None:
    """Address and last name are sent whatever their mode."""
    fields = [a_field(EMAIL, mode, FieldType.EMAIL), a_field("last_name", mode)]

    values, _ = new_values(
        person(email="ada@acme.example", last_name="Lovelace"),
        fields,
        SObject.CONTACT,
        domain=None,
    )

    assert values == {"Email": "ada@acme.example", "LastName": "Lovelace"}


@law
@given(
    st.dictionaries(
        st.sampled_from([field.name for field in CONTACT_FIELDS if field.type is FieldType.STRING]),
        st.none() | st.text(min_size=1, max_size=300).filter(str.strip),
    ),
    st.none() | st.emails(),
    st.sampled_from([SObject.LEAD, SObject.CONTACT]),
    st.sampled_from([None, "acme.example"]),
)
def test_a_new_record_is_never_refused_for_what_we_made_up(
    known: dict[str, Value], email: str | None, sobject: SObject, domain: str | None
) -> None:
    """Total: what Salesforce insists on is there, and our own fallbacks fit."""
    ada = person(**known, **({EMAIL: email} if email else {}))

    values, sent = values_of(ada, sobject, domain=domain)

    required = {"LastName", "Company"} if sobject is SObject.LEAD else {"LastName"}
    assert all(str(values[name]).strip() for name in required)
    assert None not in values.values()
    if not known.get("last_name"):
        assert len(str(values["LastName"])) <= 80
    for name, value in ada.ledger.values.items():
        assert sent.get(name) in {
            value,
            None,
            NOT_PROVIDED,
            values["LastName"],
            values.get("Company"),
        }


@pytest.mark.failure("F49")
def test_a_new_record_is_remembered_as_it_is() -> None:
    """What was sent, fallbacks and blanks included, is the shadow: its echo says nothing new."""
    _, sent = values_of(person(email="ada@acme.example"))

    assert sent["last_name"] == "ada"
    assert sent["company_name"] == "acme.example"
    assert sent["city"] is None
    assert sent["opted_out"] is False


@pytest.mark.parametrize(
    ("known", "domain", "values"),
    [
        (
            {"company_name": "Acme"},
            "acme.example",
            {"Name": "Acme", "Website": "acme.example"},
        ),
        ({}, "acme.example", {"Name": "acme.example", "Website": "acme.example"}),
        ({"company_name": "A" * 300}, None, {"Name": "A" * 255}),
        ({}, None, {"Name": NOT_PROVIDED}),
    ],
)
def test_a_new_account(known: dict[str, Value], domain: str | None, values: dict[str, str]) -> None:
    """It is called what its first contact says, or as its domain."""
    assert new_account_values(person(**known), domain) == values
