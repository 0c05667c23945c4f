"""Plant: mistakes by rate, each on customers of its own, all labelled.

No mistake hides another. The company's truth stays as it was; only records change.

Whose records a disorder may spoil is settled before any rate is looked at: in turns,
the disorders with the fewest choices first, each draws one more owner from a random
stream of its own. So the rate of one disorder moves nothing of the others. Only who
wants more than it drew takes from what the others leave.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from random import Random
from typing import Any

from sandbox.company.company import Company
from sandbox.disorder.catalogue import Disorder
from sandbox.disorder.registry import BY_NAME, DISORDERS
from sandbox.disorder.scene import Planted, Scene, record_key
from sandbox.disorder.usual import CHECKS, KINDS
from sandbox.documents import Documents

__all__ = ["Planted", "Planting", "Short", "plant", "rates_of"]

Rates = Mapping[str, float]
Subjects = dict[str, list[Any]]  # by owner
_WORDS = ("none", "default", "all")


@dataclass(frozen=True, slots=True)
class Short:
    """A disorder of which less was planted than its rate says.

    `needs` are the features that the company would need for more.
    """

    name: str
    wanted: int
    planted: int
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Planting:
    """What is wrong now, and what there was no room for."""

    planted: tuple[Planted, ...]
    short: tuple[Short, ...] = ()


def rates_of(wanted: object) -> Rates | str:
    """Return rates, checked: "default", "all", "none" or {disorder: share}.

    ValueError if there is no such disorder, or a share is not from 0 to 1.
    """
    if isinstance(wanted, str) and wanted in _WORDS:
        return wanted
    if not isinstance(wanted, Mapping):
        raise ValueError("disorder is none, default, all or {name: share}")  # noqa: TRY004 - what a user typed
    for name, share in wanted.items():
        if name not in BY_NAME:
            raise ValueError(f"there is no disorder {name!r}")
        if isinstance(share, bool) or not isinstance(share, int | float):
            raise ValueError(f"the share of {name!r} must be a number")  # noqa: TRY004
        if not 0 <= share <= 1:
            raise ValueError(f"the share of {name!r} must lie between 0 and 1")
    return wanted


def plant(
    company: Company,
    documents: Documents,
    seed: int,
    rates: Rates | str | None = None,
    *,
    is_part: bool = False,
) -> Planting:
    """Change the documents and return what is wrong in them now.

    Args:
        company: the truth.
        documents: its records, which are changed in place.
        seed: of what is drawn.
        rates: the share of suitable owners by disorder; "all" has every disorder at
            its usual rate, "none" none; "default" (or None) is the demo's set.
        is_part: the documents are some of a company's customers'; what belongs to no
            customer stands in every part and is left alone.

    Raises:
        ValueError: a rate makes no sense, or the company is too small for the demo's
            set.
    """
    rates = rates_of("default" if rates is None else rates)
    if rates == "none":
        return Planting(())
    scene = Scene(company, documents, seed)
    if rates == "default":
        usual = [each for kind in KINDS for each in kind(scene)]
        return Planting(tuple(replace(e, check=CHECKS[e.kind]) for e in usual))
    if isinstance(rates, str):
        rates = {each.name: each.rate for each in DISORDERS}
    return _sow(scene, rates, is_part=is_part)


def _sow(scene: Scene, rates: Rates, *, is_part: bool) -> Planting:
    known = [each for each in DISORDERS if each.needs <= scene.company.features]
    subjects = {each.name: _subjects(scene, each, is_part=is_part) for each in known}
    drawn = _draft(scene, known, subjects)
    wanted = {
        each.name: _count(rates.get(each.name, 0), len(subjects[each.name]))
        for each in known
    }
    hit = {name: list(islice(owners, wanted[name])) for name, owners in drawn.items()}
    taken = {owner for owners in hit.values() for owner in owners}
    for each in known:
        owners = hit[each.name]
        for owner in _shuffled(scene, each, subjects[each.name]):
            if len(owners) >= wanted[each.name]:
                break
            if owner not in taken:
                owners.append(owner)
                taken.add(owner)
    planted: list[Planted] = []
    short: list[Short] = []
    for each in known:
        owners = hit[each.name]
        planted += [_one(scene, each, owner, subjects[each.name]) for owner in owners]
        if len(owners) < wanted[each.name] or (rates.get(each.name) and not owners):
            short.append(Short(each.name, wanted[each.name], len(owners)))
    for each in DISORDERS:
        if rates.get(each.name) and each not in known:
            needs = tuple(sorted(each.needs - scene.company.features))
            short.append(Short(each.name, 0, 0, needs))
    return Planting(tuple(planted), tuple(short))


def _subjects(scene: Scene, each: Disorder[Any], *, is_part: bool) -> Subjects:
    """Return what can have the disorder, by owner.

    A customer with a missing cross reference is spared, as in `Scene.pick`.
    """
    people = scene.company.customer_by_key
    found: Subjects = {}
    for owner, subject in each.find(scene):
        customer = people.get(owner)
        if customer is None:
            # A part has payouts of its own.
            spared = is_part and not owner.startswith("payout:")
        else:
            spared = bool(customer.missing_links)
        if not spared:
            found.setdefault(owner, []).append(subject)
    return found


def _shuffled(scene: Scene, each: Disorder[Any], subjects: Subjects) -> Sequence[str]:
    owners = sorted(subjects)
    Random(f"{scene.seed}:disorder:{each.name}").shuffle(owners)
    return owners


def _draft(
    scene: Scene, known: Sequence[Disorder[Any]], subjects: Mapping[str, Subjects]
) -> dict[str, list[str]]:
    """Return whose records each disorder may spoil; nobody's name stands twice.

    First each draws as many as it has at its usual rate, then whatever is left.
    """
    by_scarcity = sorted(known, key=lambda each: len(subjects[each.name]))
    choices = {
        each.name: iter(_shuffled(scene, each, subjects[each.name]))
        for each in by_scarcity
    }
    drawn: dict[str, list[str]] = {each.name: [] for each in known}
    taken: set[str] = set()
    usual = {each.name: _count(each.rate, len(subjects[each.name])) for each in known}
    for most in (usual, {name: len(each) for name, each in subjects.items()}):
        drawing = [each.name for each in by_scarcity]
        while drawing:
            drawing = [name for name in drawing if len(drawn[name]) < most[name]]
            for name in list(drawing):
                owner = next((e for e in choices[name] if e not in taken), None)
                if owner is None:
                    drawing.remove(name)
                else:
                    drawn[name].append(owner)
                    taken.add(owner)
    return drawn


def _count(rate: float, suitable: int) -> int:
    """Return how many that is; at least one of whatever was asked for and can be."""
    if not rate or not suitable:
        return 0
    return max(1, int(suitable * rate + 0.5))


def _one(scene: Scene, each: Disorder[Any], owner: str, subjects: Subjects) -> Planted:
    rng = Random(f"{scene.seed}:disorder:{each.name}:{owner}")
    scene.touched.clear()
    found = each.plant(scene, rng.choice(subjects[owner]), rng)
    own = found.record_key
    keys = (record_key(*place) for place in scene.touched)
    return replace(
        found,
        kind=each.name,
        check=each.checks[0],
        also=tuple(key for key in keys if key != own),
        customer=owner if owner in scene.company.customer_by_key else None,
    )
