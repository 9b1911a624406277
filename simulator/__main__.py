"""Starts a simulator: ``python -m simulator --port 8080``."""

import argparse
import json
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from simulator.credentials import Credentials
from simulator.server import HOST, Server
from simulator.simulator import PROJECT, Simulator
from simulator.soql.parser import grammar


def main(arguments: list[str] | None = None) -> int:
    """Serve until asked to stop."""
    options = _parser().parse_args(arguments)
    credentials = (
        Credentials.read_or_make(options.credentials) if options.credentials else Credentials.make()
    )
    if options.public_key is not None:
        credentials.public_key = options.public_key.read_text(encoding="utf-8")
        credentials.private_key = None
    for name in ("consumer_key", "consumer_secret", "username"):
        if getattr(options, name) is not None:
            setattr(credentials, name, getattr(options, name))
    simulator = Simulator(
        project=options.project,
        database=str(options.database) if options.database else ":memory:",
        credentials=credentials,
        credentials_file=options.credentials,
        access_token=options.access_token,
        setup=json.loads(options.setup.read_text(encoding="utf-8")) if options.setup else None,
    )
    try:
        server = Server(simulator, options.port)
    except OSError as exc:
        print(f"Port {options.port} can't be used: {exc.strerror}. Choose another with --port.")
        return 1
    if options.people:
        _seed(simulator, options.people, options.seed)
    # Built by the first query otherwise, which would be slow for no reason to be seen.
    grammar()
    _greet(simulator, server.server_port, options)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    server.serve_forever(poll_interval=0.1)
    server.server_close()
    simulator.org.store.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=8080, help="the port on the loopback interface")
    parser.add_argument(
        "--people", type=int, default=0, metavar="N", help="seed an org of N people"
    )
    parser.add_argument("--seed", type=int, default=1, help="the seed of the generated org")
    parser.add_argument("--access-token", metavar="T", help="a bearer token that is always good")
    parser.add_argument("--database", type=Path, metavar="FILE", help="keep the org in this file")
    parser.add_argument(
        "--credentials", type=Path, metavar="FILE", help="JSON; made when it does not exist"
    )
    parser.add_argument("--consumer-key", help="the client id to accept")
    parser.add_argument("--consumer-secret", help="the client secret to accept")
    parser.add_argument("--username", help="the user that may log in")
    parser.add_argument(
        "--public-key", type=Path, metavar="FILE", help="PEM; verifies the logins by JWT"
    )
    parser.add_argument(
        "--setup", type=Path, metavar="FILE", help="JSON; features, rules and automation"
    )
    parser.add_argument(
        "--project", type=Path, default=PROJECT, help="source project with custom fields"
    )
    return parser


def _seed(simulator: Simulator, people: int, number: int) -> None:
    # Loaded on demand: the generator of names is slow to load.
    from simulator.seed import seed  # noqa: PLC0415

    if simulator.org.store.state("seeded") is None:
        counts = seed(simulator.org, people=people, number=number)
        simulator.org.store.set_state("seeded", number)
        print("Seeded " + ", ".join(f"{count} {name}" for name, count in counts.items()))


def _greet(simulator: Simulator, port: int, options: argparse.Namespace) -> None:
    known = simulator.credentials
    print(
        f"A Salesforce org at http://{HOST}:{port}, its console at http://{HOST}:{port}/_simulator/"
    )
    print(f"  username       {known.username}")
    print(f"  client id      {known.consumer_key}")
    print(f"  client secret  {known.consumer_secret}")
    print(f"  refresh token  {known.refresh_token}")
    if options.access_token:
        print(f"  access token   {options.access_token}")
    if options.credentials:
        print(f"  key pair       in {options.credentials}")
    elif known.private_key:
        print("  private key    for logins by JWT:")
        print(known.private_key.strip())
    print("Ready.", flush=True)


if __name__ == "__main__":
    sys.exit(main())
