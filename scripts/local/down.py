"""Take the local world down, and make sure that nothing of it is left."""

import shutil

from scripts.local import place, processes, world


def down(*, quietly: bool = False) -> None:
    """Stop what `make up` started, the functions' workers included."""
    left = world.read()
    for name, process in left.processes.items():
        running = len(processes.members(process))
        processes.stop(process)
        if running and not quietly:
            print(f"  {name} stopped ({running} process{'es' if running > 1 else ''})")
    for path in (place.STACK_FILE, place.SALESFORCE_FILE, place.WORLD_FILE):
        path.unlink(missing_ok=True)
    for folder in (place.HOME, place.TEMPORARY):
        shutil.rmtree(folder, ignore_errors=True)
    if not quietly:
        logs = place.LOGS.relative_to(place.ROOT)
        print(f"Down. Its logs are in {logs}." if left.processes else "Nothing was up.")
