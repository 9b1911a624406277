"""Run one function of the local stack with a sample event, and show what it reports and logs."""

import base64
import json
import time
from pathlib import Path

from scripts.local import aws, place, world


def invoke(function: str, event: Path) -> bool:
    """Run *function* with *event*; return whether it succeeded."""
    stack = world.read_stack()
    functions: dict[str, str] = stack["functions"]
    if function not in functions:
        raise place.LocalError(f"FUNCTION={function} is none of {', '.join(functions)}.")
    payload = _read(event)
    session = aws.connect(stack["aws_endpoint_url"])

    started = time.monotonic()
    answer = session.client("lambda", config=aws.PATIENT).invoke(
        FunctionName=functions[function], Payload=payload, LogType="Tail"
    )
    seconds = time.monotonic() - started

    failed = "FunctionError" in answer
    print(f"{function} {'failed' if failed else 'reports'} after {seconds:.2f} s:\n")
    print(json.dumps(json.load(answer["Payload"]), indent=2, ensure_ascii=False))
    print("\nIts log:\n")
    print(base64.b64decode(answer.get("LogResult", "")).decode(errors="replace").rstrip())
    return not failed


def _read(event: Path) -> bytes:
    try:
        payload = event.read_bytes()
        json.loads(payload)
    except OSError:
        raise place.LocalError(f"EVENT={event} is no file; events/ holds the samples.") from None
    except ValueError as exc:
        raise place.LocalError(f"EVENT={event} is not JSON: {exc}.") from None
    return payload
