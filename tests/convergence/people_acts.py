"""What people do on our side: enter, edit, request and delete contacts, one or many at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from counterpart.domain.creation_requests import CreateAs
from counterpart.domain.sync_tags import sync_tag
from counterpart.domain.waiting import Lane
from counterpart.domain.wishes import Wish, Written
from counterpart.errors import ConflictError
from counterpart.use_cases.companies import change_company
from counterpart.use_cases.delete_contact import delete_contact
from counterpart.use_cases.sync_contact import sync_contact
from counterpart.use_cases.write_contacts import write_contacts
from tests.convergence.hands import RAW
from tests.convergence.our_acts import OurActs, UnkeptPromiseError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from counterpart.domain.contacts import Company
    from tests.convergence.steps import Step

ADDRESSES = (
    "ada@acme.example",
    "bob@acme.example",
    "cy@beta.example",
    "di@gmail.com",
    "Eve@Gamma.example",
)
_WRITTEN = ("last_name", "job_title", "phone", "city", "company_name")


class PeopleActs(OurActs):
    """Those that enter, edit, request and delete."""

    def create(self, step: Step) -> str:
        """Create a contact, to be synced or not."""
        numbers = step.numbers
        fields: dict[str, object] = {}
        if numbers[1] % 3:
            fields["last_name"] = f"Name{numbers[2]}"
        if numbers[1] % 5 == 1:
            fields["company_name"] = f"Firm{numbers[2]}"
        if numbers[1] % 4 == 1:
            fields["job_title"] = f"Job{numbers[2]}"
        wish = Wish(
            email=ADDRESSES[numbers[3] % len(ADDRESSES)],
            fields=fields,
            opted_out=True if numbers[4] % 9 == 0 else None,
            sync_to_salesforce=numbers[4] % 3 > 0,
            create_as=(None, CreateAs.LEAD, CreateAs.CONTACT)[numbers[5] % 3],
            request=(f"request {numbers}",),
        )
        return self._write([wish], step)

    def spree(self, step: Step) -> str:
        """Edit one field of many contacts, as an import does."""
        contacts, numbers = self._world.all_contacts(), step.numbers
        name = _WRITTEN[numbers[1] % len(_WRITTEN)]
        value = f"many{numbers[2]}" if numbers[3] % 4 else None
        wishes = [
            Wish(contact_id=contact.id, fields={name: value})
            for place, contact in enumerate(contacts)
            if (place + numbers[4]) % 3
        ]
        return self._write(wishes, step) if wishes else "nobody"

    def write(self, step: Step) -> str:
        """Edit a field of a contact, or now and then of a company."""
        numbers, contact = step.numbers, self._anybody(step.numbers[1])
        companies = self._world.all_companies()
        if companies and numbers[6] % 5 == 0:
            return self._write_company(companies[numbers[1] % len(companies)], step)
        if contact is None:
            return "nobody"
        kind = numbers[2] % 16
        wish = Wish(contact_id=contact.id)
        if kind == 0:
            wish = replace(wish, opted_out=numbers[3] % 4 > 0)
        elif kind <= 3:
            wish = replace(wish, email=ADDRESSES[numbers[3] % len(ADDRESSES)])
        else:
            name = _WRITTEN[numbers[3] % len(_WRITTEN)]
            value: str | None = f"ours{numbers[4]}"
            if name == "job_title" and numbers[5] % 6 == 0:
                value = f"{RAW}{numbers[4]}"
            elif name == "phone" and numbers[5] % 6 == 1:
                value = f"{numbers[4]}" * 20
            elif numbers[5] % 7 == 0:
                value = None
            wish = replace(wish, fields={name: value})
        return self._write([wish], step)

    def _write_company(self, company: Company, step: Step) -> str:
        world, numbers = self._world, step.numbers
        name = ("name", "phone")[numbers[3] % 2]
        value = None if name == "phone" and numbers[5] % 7 == 0 else f"ours{numbers[4]}"

        def act() -> None:
            change_company(
                company.id,
                fields={name: value},
                version=None,
                now=world.clock(),
                companies=world.companies,
                domains=world.domains,
                settings=world.settings,
            )

        return f"{company.id} {name}={value} {self._edit(act, step)}"

    def pause(self, step: Step) -> str:
        """Take the tag away that the sync has given, or put it back."""
        contact = self._anybody(step.numbers[1])
        tag = sync_tag(contact) if contact else None
        if contact is None or tag is None:
            return "nobody"
        wish = Wish(contact_id=contact.id)
        if contact.outbound_paused_at:
            self._write([replace(wish, add_tags=(tag,))], step)
            return f"{contact.id} goes on"
        self._write([replace(wish, remove_tags=(tag,))], step)
        return f"{contact.id} is paused"

    def _write(self, wishes: Sequence[Wish], step: Step) -> str:
        world = self._world
        answers: list[object] = []

        def act() -> None:
            answers.extend(
                write_contacts(
                    wishes,
                    lane=(Lane.FRESH, Lane.BULK)[step.numbers[6] % 2],
                    now=world.clock(),
                    contacts=world.contacts,
                    settings=world.settings,
                    queue=world.queue,
                )
            )

        self._edit(act, step)
        for answer in answers:
            if isinstance(answer, Written):
                stored = world.contacts.get_many([answer.contact.id]).get(answer.contact.id)
                if stored is None or stored.ledger.values != answer.contact.ledger.values:
                    raise UnkeptPromiseError(f"acknowledged and not stored: {answer}")
        return ", ".join(
            f"{wish.contact_id or 'new'} {wish.email or ''} {wish.fields} {wish.opted_out}"
            for wish in wishes
        )

    def request(self, step: Step) -> str:
        """Ask for one contact to be synced now."""
        world, contact = self._world, self._anybody(step.numbers[1])
        if contact is None:
            return "nobody"
        create_as = (None, CreateAs.LEAD, CreateAs.CONTACT)[step.numbers[2] % 3]

        def act() -> None:
            sync_contact(
                contact.id,
                create_as=create_as,
                now=world.clock(),
                contacts=world.contacts,
                settings=world.settings,
                queue=world.queue,
            )

        return f"{contact.id} {world.invoke(act, self._mishap(step))}"

    def remove(self, step: Step) -> str:
        """Delete a contact here."""
        world, contact = self._world, self._anybody(step.numbers[1])
        if contact is None:
            return "nobody"
        untold: list[str] = []

        def act() -> None:
            try:
                delete_contact(
                    contact.id,
                    contacts=world.contacts,
                    links=world.links,
                    members=world.members,
                    settings=world.settings.current(),
                    now=world.clock(),
                )
            except ConflictError as exc:
                untold.append(str(exc))

        ended = world.invoke(act, self._mishap(step))
        if untold and contact.id not in world.deletions:
            return f"{contact.id} has to tell a refusal first"
        world.deletions[contact.id] = ended and not untold
        return f"{contact.id} {ended}"


PEOPLE_ACTS: dict[str, Callable[[PeopleActs, Step], str]] = {
    name: getattr(PeopleActs, name)
    for name in ("create", "write", "spree", "request", "remove", "pause")
}
