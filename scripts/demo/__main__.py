"""Tell the story of a two-way sync on the stack that `make up` left running."""

import sys
from functools import partial

from scripts.demo import campaigning, creating, incoming, outgoing
from scripts.demo.cast import Cast
from scripts.demo.stack import Stack
from scripts.demo.telling import conclude, run
from scripts.local import place, world

_STORY = (
    ("The initial pull brings a realistic org in", incoming.pull_everything),
    ("A setting lets both sides edit phone and job title", outgoing.let_both_sides_edit),
    ("An edit in Salesforce arrives", incoming.edit_there),
    ("A local edit goes out", outgoing.edit_here),
    ("Edits on both sides of different fields both survive", outgoing.edit_on_both_sides),
    ("A lead converts, and its contact is linked anew", incoming.convert),
    ("A new contact becomes a Lead, once", creating.create_lead),
    ("A new contact becomes a Contact on its domain's Account", creating.create_contact),
    ("Two people of a new company share one new Account", creating.create_colleagues),
    ("Reading the overlap again writes nothing", incoming.read_again),
    ("A refused row is shown while its neighbours go through", outgoing.be_refused),
    ("A campaign's people come in, and ours go out", campaigning.follow_campaign),
    ("Statuses and removals of members cross both ways", campaigning.move_members),
    ("At the end, both sides agree", incoming.look_at_everybody),
)


def main() -> int:
    """Tell the story; return 0 only if every step was verified."""
    try:
        stack = Stack.of(world.read_stack())
    except place.LocalError as exc:
        print(exc, file=sys.stderr)
        return 1
    print(
        "\nA two-way sync at work. Each step changes something on one side or on both, and then\n"
        "reads both: ours over the signed HTTP API, Salesforce's over its REST API."
    )
    cast = Cast(stack=stack)
    steps = [
        run(title, partial(play, cast), stack=stack, number=number)
        for number, (title, play) in enumerate(_STORY, start=1)
    ]
    return 0 if conclude(steps) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nStopped by you.", file=sys.stderr)
        sys.exit(130)
