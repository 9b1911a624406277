"""The commands behind make up, status, invoke, logs and down."""

import argparse
import sys
from pathlib import Path

from scripts.local import down, invoke, logs, place, status, up, world


def main() -> int:
    """Run the command on the command line; return the exit status."""
    arguments = _parser().parse_args()
    try:
        return _run(arguments)
    except place.LocalError as exc:
        print(f"\n{exc}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped by you.", file=sys.stderr)
        return 130


def _run(arguments: argparse.Namespace) -> int:
    match arguments.command:
        case "up":
            wishes = up.Wishes(
                aws_port=arguments.aws_port,
                salesforce_port=arguments.salesforce_port,
                people=arguments.people,
            )
            with world.sole():
                up.up(wishes)
        case "down":
            with world.sole():
                down.down()
        case "status":
            return 0 if status.show() else 1
        case "invoke":
            return 0 if invoke.invoke(arguments.function, arguments.event) else 1
        case "logs":
            logs.show(arguments.function, follow=arguments.follow)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scripts.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    bring_up = commands.add_parser("up", help="start the servers, deploy the stack")
    bring_up.add_argument("--aws-port", type=int, help=f"default {place.AWS_PORT}")
    bring_up.add_argument("--salesforce-port", type=int, help=f"default {place.SALESFORCE_PORT}")
    bring_up.add_argument("--people", type=int, default=2000, help="in the org; default 2000")

    commands.add_parser("status", help="say what runs, and how far each stream is")

    run_one = commands.add_parser("invoke", help="run one function with a sample event")
    run_one.add_argument("function", help="such as pull_records")
    run_one.add_argument("event", type=Path, help="such as events/pull_records/scheduled.json")

    show_logs = commands.add_parser("logs", help="print what the functions logged")
    show_logs.add_argument("--function", help="only this one, such as pull_records")
    show_logs.add_argument("--follow", action="store_true", help="go on printing what comes")

    commands.add_parser("down", help="stop everything")
    return parser


if __name__ == "__main__":
    sys.exit(main())
