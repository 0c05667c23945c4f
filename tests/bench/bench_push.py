"""Bench of the push: ten minutes at a vendor's write ceiling, with nothing turned away.

    python -m tests.bench.bench_push
    python -m tests.bench.bench_push --minutes 2

New customers go to Chargebee, which takes one in a call and 150 calls in a minute; each
is looked for before, and all are read back. The calls are real, the waiting is not:
pauses move the product's clock and the sandbox's together. Answers come within
milliseconds, so this shows the pacing, and not what a slow vendor would leave of it.
Prints one table and writes build/bench-push.json.
"""

import argparse
import math
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from reverse_etl.policy import Policy
from reverse_etl.push import push
from reverse_etl.read_back import read_back
from sandbox.credentials import credentials
from tests.bench.report import Figure, machine, table, write
from tests.reverse_etl.destinations.passing import Passing
from tests.reverse_etl.destinations.place import Counting, opened
from tests.reverse_etl.destinations.targets import CHARGEBEE
from tests.reverse_etl.support import admit

BUILD = Path(__file__).parents[2] / "build"
REPORT = BUILD / "bench-push.json"
# chargebee.com/docs, API limits: of the smallest plan, and of every test site.
A_MINUTE = 150
CEILING, OVERHEAD = 0.95, 1.10


def main(given: Sequence[str] | None = None) -> int:
    """Measure; return 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, default=10)
    minutes, where = parser.parse_args(given).minutes, machine()
    figures = list(_measured(minutes * A_MINUTE))
    sys.stdout.write(f"{where}\n\n{table(figures)}\n")
    BUILD.mkdir(exist_ok=True)
    write(REPORT, figures, where)
    return int(any(each.met is False for each in figures))


def _measured(count: int) -> Iterator[Figure]:
    size = f"{count:,} new customers"
    answered: Counter[int] = Counter()
    passing = Passing()
    with (
        tempfile.TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as patched,
    ):
        patched.setattr("ingestion.transport.budget._budgets", {})
        patched.setattr("ingestion.transport.budget.Wall.pause", passing.pause)
        patched.setattr("ingestion.transport.budget.Wall.now", passing.now)
        patched.setattr(Counting, "handle_request", _noting(answered))
        with opened(CHARGEBEE, credentials(7), Path(folder)) as place:
            passing.place = place
            plain = place.creation()
            made = [
                replace(
                    plain, external_key=f"late{number}", change_id=f"late{number:020}"
                )
                for number in range(count)
            ]
            policy = Policy(run_limit=count)
            sizes = {("chargebee", "customer"): 10 * count}
            admit(place.ledger, *made, policy=policy, sizes=sizes)
            there = {"chargebee": place.destination}
            push(place.ledger, there, place.clock, pause=passing.pause, policy=policy)
            read_back(place.ledger, there, place.clock)
            outcomes = Counter(place.ledger.outcomes().values())
    calls = answered.total()
    page = place.destination.caps.read_size
    # The first window's calls go at once; each further window opens a minute later.
    floor = (calls - 1) // A_MINUTE * 60
    least = count + 2 * math.ceil(count / page)
    yield Figure("confirmed", size, outcomes["confirmed"], "records", count)
    yield Figure("turned away (429)", size, answered[429], "calls", 0, at_most=True)
    yield Figure("waited", size, passing.seconds, "s")
    yield Figure("of the ceiling", size, floor / passing.seconds, "x", CEILING)
    yield Figure("calls by the least", size, calls / least, "x", OVERHEAD, at_most=True)


def _noting(answered: Counter[int]) -> object:
    """Return the way to the sandbox that counts what it answers."""
    straight = Counting.handle_request

    def handle_request(self: Counting, request: httpx.Request) -> httpx.Response:
        response = straight(self, request)
        answered[response.status_code] += 1
        return response

    return handle_request


if __name__ == "__main__":
    sys.exit(main())
