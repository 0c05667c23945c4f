"""Document: a plan written in the one way in which it is hashed, kept and shown.

Equal inputs give equal bytes: the same warehouse, contract, ledger and moment. The
hash names the plan, so that an approval of it is an approval of exactly this.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from operations.store import text

if TYPE_CHECKING:
    from reverse_etl.plan import Plan

_ID_LENGTH = 24


def document(plan: "Plan") -> str:
    """Write a plan, all of it but the name that follows from it."""
    converged = hashlib.sha256()
    for base in plan.converged:
        converged.update(json.dumps(asdict(base), sort_keys=True).encode())
    content: dict[str, Any] = {
        "kind": plan.kind,
        "author": plan.author,
        "undoes": plan.undoes,
        "made_at": text(plan.made_at),
        "contract_hash": plan.contract_hash,
        "loads": dict(plan.loads),
        "changes": [asdict(change) for change in plan.changes],
        "standing": sorted(plan.standing),
        "withdrawn": sorted(plan.withdrawn),
        "issues": [asdict(issue) for issue in plan.issues],
        "converged": {"fields": len(plan.converged), "hash": converged.hexdigest()},
        "sizes": {".".join(at): size for at, size in plan.sizes.items()},
        "governed": plan.governed,
        "equal": plan.equal,
        "busy": plan.busy,
        "in_review": sorted(plan.in_review),
        "arr_minor": dict(plan.arr_minor),
    }
    return json.dumps(
        content, sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )


def named(content: str) -> str:
    """Return the name of a plan with this content."""
    return hashlib.sha256(content.encode()).hexdigest()[:_ID_LENGTH]


def sizes(content: Mapping[str, Any]) -> dict[tuple[str, str], int]:
    """Read the sizes of a document back."""
    found = {}
    for at, size in content["sizes"].items():
        system, _, name = at.partition(".")
        found[system, name] = size
    return found
