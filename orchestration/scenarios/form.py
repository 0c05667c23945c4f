"""Form: which keys a scenario may have, and the file as plain dictionaries."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from orchestration.scenarios.amounts import BadScenarioError

SCENARIO = (
    "name source functional_currency until rates ssp contracts events expect note"
)
CONTRACT = "id customer entity currency signed obligations costs"
OBLIGATION = (
    "id product amount quantity ssp method start end right unit_price milestones"
    " breakage returns material_right"
)
EVENT_KINDS = {
    "modification": "contract id treatment decided_by reason changes add refund_due",
    "estimate": "contract obligation amount unit_price",
    "pause": "contract until treatment obligations",
    "invoice": "id contract lines unconditional",
    "payment": "id invoice amount",
    "usage": "contract obligation quantity amount",
    "satisfaction": "contract obligation quantity percent milestone",
    "lapse": "contract obligation",
    "return": "contract obligation amount cost settle",
    "credit_note": "id invoice reason amount lines tax",
    "refund": "id invoice amount treatment tax",
    "void": "invoice",
    "dispute": "invoice amount tax",
    "dispute_won": "invoice amount",
    "write_off": "invoice amount tax",
    "recovery": "invoice amount",
    "close": "period entity",
}
CHANGE = "obligation amount end quantity ssp treatment cancel unit_price"
KEYS = {
    "scenario": SCENARIO,
    "rate": "from to on rate",
    "ssp": "product currency from low mid high per approved_by",
    "contract": CONTRACT,
    "obligation": OBLIGATION,
    "cost": "id amount on incremental start end",
    "line": "obligation amount tax",
    "change": CHANGE,
    "expect": (
        "contract allocation allocation_after revenue revenue_by_obligation flows"
        " balances functional_flows functional_balances rpo held"
    ),
}
REQUIRED = {
    "scenario": "name contracts",
    "rate": "from to on rate",
    "ssp": "product currency from mid",
    "contract": "id currency signed obligations",
    "obligation": "id method",
    "cost": "id amount on",
    "line": "obligation amount",
    "change": "obligation",
    "pause": "contract until",
    "payment": "invoice amount",
    "invoice": "id contract lines",
    "close": "period",
}


class Loader(yaml.SafeLoader):
    """YAML 1.2's truth: the key `on` is a word, not the value true."""


Loader.yaml_implicit_resolvers = {
    first: [each for each in resolvers if each[0] != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf")
)


def parsed(content: str) -> Any:
    """Return YAML as Python values."""
    return yaml.load(content, Loader)  # noqa: S506  # a SafeLoader all the same


def read(path: Path) -> dict[str, Any]:
    """Return the scenario of a file.

    Raises:
        BadScenarioError: it is no YAML, or has keys that the form does not know.
    """
    try:
        content = parsed(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise BadScenarioError(f"{path}: {error}") from error
    return checked(content)


def checked(content: Any) -> dict[str, Any]:
    """Return a scenario after a look at its keys."""
    scenario = of("scenario", content, "scenario")
    for name in ("rates", "ssp", "contracts", "events"):
        scenario[name] = [*some(scenario.get(name), name)]
    for rate in scenario["rates"]:
        of("rate", rate, "rates")
    for price in scenario["ssp"]:
        of("ssp", price, "ssp")
    for contract in scenario["contracts"]:
        _contract(contract)
    for event in scenario["events"]:
        _event(event)
    expected = scenario.get("expect", [])
    scenario["expect"] = [expected] if isinstance(expected, Mapping) else expected
    for block in scenario["expect"]:
        of("expect", block, "expect")
    return scenario


def of(kind: str, value: Any, where: str) -> dict[str, Any]:
    """Return a mapping whose keys are those of its kind.

    Raises:
        BadScenarioError: it is no mapping, or a key is unknown or missing.
    """
    if not isinstance(value, dict):
        raise BadScenarioError(f"{where}: {value!r} must be a mapping.")
    known = (KEYS.get(kind) or EVENT_KINDS[kind]).split()
    if unknown := [str(key) for key in value if key not in known]:
        raise BadScenarioError(
            f"{where}: no {kind} has {', '.join(unknown)}; it may have"
            f" {', '.join(known)}."
        )
    if missing := [key for key in REQUIRED.get(kind, "").split() if key not in value]:
        raise BadScenarioError(f"{where}: {kind} without {', '.join(missing)}.")
    return value


def some(value: Any, where: str) -> Iterable[Any]:
    """Return the members of a list that may be left out."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadScenarioError(f"{where} must be a list.")
    return value


def day(value: Any, where: str) -> date:
    """Return a day.

    Raises:
        BadScenarioError: it is none.
    """
    if type(value) is not date:
        raise BadScenarioError(f"{where}: {value!r} is no day such as 2025-01-31.")
    return value


def event_kind(event: Mapping[str, Any]) -> str:
    """Return the kind of an event: its one key that is no day."""
    kinds = [key for key in event if key not in {"on", "recorded", "posts_on"}]
    if len(kinds) != 1 or kinds[0] not in EVENT_KINDS:
        raise BadScenarioError(
            f"event on {event.get('on')}: one kind of {', '.join(EVENT_KINDS)},"
            f" not {', '.join(map(str, kinds)) or 'none'}."
        )
    return str(kinds[0])


def _contract(contract: Any) -> None:
    where = f"contract {contract.get('id') if isinstance(contract, dict) else ''}"
    of("contract", contract, where)
    day(contract["signed"], f"{where}, signed")
    for obligation in some(contract["obligations"], where):
        _obligation(obligation, where)
    for cost in some(contract.get("costs"), where):
        of("cost", cost, where)


def _obligation(obligation: Any, where: str) -> None:
    of("obligation", obligation, where)
    for key in ("start", "end"):
        if key in obligation:
            day(obligation[key], f"{where}/{obligation['id']}, {key}")


def _event(event: Any) -> None:
    if not isinstance(event, dict):
        raise BadScenarioError(f"events: {event!r} must be a mapping.")
    day(event.get("on"), "event, on")
    kind = event_kind(event)
    where = f"{kind} on {event['on']}"
    content = of(kind, event[kind], where)
    for line in some(content.get("lines"), where):
        of("line", line, where)
    for change in some(content.get("changes"), where):
        of("change", change, where)
    for obligation in some(content.get("add"), where):
        _obligation(obligation, where)
