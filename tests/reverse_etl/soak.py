"""Soak: kill a push a thousand times while answers are lost, and count the effects.

    python -m tests.reverse_etl.soak --kills 1000

Writes build/soak.json: name, value, target and whether it is met. The judge is the
vendors' own journal and books in the sandbox, never our ledger.
"""

import argparse
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench.report import Figure, machine, say, table, write
from tests.conftest import started
from tests.reverse_etl.killing import CUSTOMERS, Toll, kill_round

BUILD = Path(__file__).parents[2] / "build"
REPORT = BUILD / "soak.json"
KILLS = 1000
# A round's work is done after about so many kills; the next brings other values.
KILLS_A_ROUND = 60
# From issue 8: of a hundred answers, five are lost after the vendor has committed.
LOST_SHARE = 0.05


def main(given: Sequence[str] | None = None) -> int:
    """Kill, count, tell; return 1 if anything happened twice or was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--seed", type=int, default=7)
    wanted, where = parser.parse_args(given), machine()
    BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="soak-", dir=BUILD) as home:
        tolls = list(_rounds(Path(home), wanted.kills, wanted.seed))
    figures = list(_figures(tolls, wanted.kills))
    sys.stdout.write(f"{where}\n\n{table(figures)}\n")
    write(REPORT, figures, where)
    return int(any(each.met is False for each in figures))


def _rounds(home: Path, kills: int, seed: int) -> Iterator[Toll]:
    chance = random.Random(seed)  # noqa: S311 - chance that can be repeated
    options = {"customers": CUSTOMERS, "months": 6, "disorder": "none", "seed": 11}
    sandbox = started(home / "sandbox", options)
    done = number = 0
    try:
        while done < kills:
            toll = kill_round(
                sandbox, home, min(KILLS_A_ROUND, kills - done), chance, number
            )
            yield toll
            done, number = done + toll.killed_at.total(), number + 1
            say(f"{done:,} kills, {len(toll.twice)} twice, {len(toll.lost)} lost")
    finally:
        sandbox.stop()


def _figures(tolls: Sequence[Toll], kills: int) -> Iterator[Figure]:
    killed = sum((toll.killed_at for toll in tolls), Counter())
    changes = sum(toll.changes for toll in tolls)
    lost = sum(toll.lost_answers for toll in tolls)
    size = f"{changes:,} changes of 4 systems"
    yield Figure("SIGKILLs", size, killed.total(), "kills", kills)
    yield Figure("places of a kill", size, len(killed), "steps by object")
    yield Figure("answers lost, of writes", size, lost / changes, "", LOST_SHARE)
    for name, found in (
        ("effects that happened twice", sum(len(toll.twice) for toll in tolls)),
        ("effects that were lost", sum(len(toll.lost) for toll in tolls)),
        ("changes not confirmed", sum(sum(t.unsettled.values()) for t in tolls)),
    ):
        yield Figure(name, size, found, "changes", 0, at_most=True)


if __name__ == "__main__":
    sys.exit(main())
