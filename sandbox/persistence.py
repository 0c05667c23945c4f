"""Persistence: the writes the vendors took, on disk, so that a restart goes on.

The company itself is built anew from its seed; only what was written since is kept, one
line a write, the whole record after it. A line that a kill cut short is the last one
and was never answered, so it is dropped.
"""

import json
from decimal import Decimal
from pathlib import Path

from sandbox.store import Store, Write
from sandbox.wire import dump


class WrongCompanyError(ValueError):
    """The writes on disk belong to another company than the one that was built."""


def keep(store: Store, path: Path, company: str) -> int:
    """Repeat the writes in `path`, then add each further one; returns how many.

    Args:
        store: A store with the company as it was built.
        path: The file of writes; made where there is none.
        company: What names the company: seed, size, months, last day.

    Raises:
        WrongCompanyError: the file was begun by another company.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    repeated = _repeat(store, path, company) if path.exists() else 0
    if not path.exists():
        path.write_bytes(dump({"company": company}) + b"\n")

    def write_down(write: Write) -> None:
        line = dump(
            {
                "number": store.numbered,
                "system": write.system,
                "object": write.object,
                "id": write.id,
                "after": write.after,
            }
        )
        with path.open("ab") as lines:
            lines.write(line + b"\n")

    store.observers.append(write_down)
    return repeated


def _repeat(store: Store, path: Path, company: str) -> int:
    head, *lines = path.read_bytes().split(b"\n")
    begun = json.loads(head)["company"]
    if begun != company:
        raise WrongCompanyError(
            f"{path} belongs to the company {begun}, not {company}: take another "
            "--home, or remove the file."
        )
    whole = lines[:-1]  # a complete line ends with a line break
    for line in whole:
        write = json.loads(line, parse_float=Decimal)
        store.restore(write["system"], write["object"], write["id"], write["after"])
        store.numbered = max(store.numbered, write["number"])
    path.write_bytes(b"\n".join([head, *whole, b""]))
    return len(whole)
