"""Fuzzing: values that Stripe's description allows, and values that it does not."""

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

HOSTILE = (
    *("", " ", "null", "true", "-1", "0", "1.5", "NaN", "Infinity", "1e400"),
    *("99999999999999999999", "-99999999999999999999", "٣", "\0", "'; drop table x"),
    *("\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"), "a" * 6000),
    *("now", "inf", "cus_none", "unset", '"', "\\", "%", "_", "[]", "{}", "\u202e"),
)
_KNOWN = ("pm_card_visa", "pm_card_visa_chargeDeclined", "usd", "jpy", "month")
Pairs = list[tuple[str, str]]


def values(schema: dict[str, Any], ids: list[str]) -> st.SearchStrategy[str]:
    """Return texts for one plain parameter: right ones, other objects, hostile ones."""
    right: list[st.SearchStrategy[str]] = []
    kind = schema.get("type")
    if schema.get("enum"):
        right.append(st.sampled_from([str(each) for each in schema["enum"]]))
    elif kind == "boolean":
        right.append(st.sampled_from(["true", "false"]))
    elif kind == "integer":
        instants = st.integers(1_793_534_400, 1_900_000_000)
        right.append(st.one_of(st.integers(0, 5000), instants).map(str))
    elif kind == "number":
        right.append(st.sampled_from(["0", "12.5", "100", "33.333"]))
    else:
        right.append(st.sampled_from([*ids, *_KNOWN]))
    hostile = st.sampled_from([*HOSTILE, *ids])
    return st.one_of(*right, *right, *right, hostile)


def pairs(
    name: str, schema: dict[str, Any], ids: list[str], depth: int = 0
) -> st.SearchStrategy[Pairs]:
    """Return the pairs of one parameter, unfolded."""
    if "anyOf" in schema:
        return st.one_of(*(pairs(name, each, ids, depth) for each in schema["anyOf"]))
    kind = schema.get("type")
    if kind == "array" and depth < 4:
        one = pairs(f"{name}[0]", schema["items"], ids, depth + 1)
        two = pairs(f"{name}[1]", schema["items"], ids, depth + 1)
        return st.one_of(one, st.tuples(one, two).map(lambda both: both[0] + both[1]))
    properties = schema.get("properties") or {}
    if kind == "object" and properties and depth < 4:
        needed = set(schema.get("required", []))
        parts = [
            _perhaps(
                pairs(f"{name}[{key}]", each, ids, depth + 1), needed=key in needed
            )
            for key, each in list(properties.items())[:14]
        ]
        return st.tuples(*parts).map(
            lambda some: [one for part in some for one in part]
        )
    if kind == "object":
        keys = st.sampled_from(["a", "1", "stripe_customer_id", "value", "k" * 41])
        return st.tuples(keys, values({}, ids)).map(
            lambda pair: [(f"{name}[{pair[0]}]", pair[1])]
        )
    return values(schema, ids).map(lambda text: [(name, text)])


def _perhaps(
    strategy: st.SearchStrategy[Pairs], *, needed: bool
) -> st.SearchStrategy[Pairs]:
    nothing: st.SearchStrategy[Pairs] = st.just([])
    if needed:
        return st.one_of(strategy, strategy, strategy, nothing)
    return st.one_of(nothing, nothing, strategy)


def parameters(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Yield name, schema and need of each parameter of an operation."""
    for each in operation.get("parameters", []):
        if each["in"] == "query":
            yield each["name"], each["schema"], bool(each.get("required"))
    form = (
        operation.get("requestBody", {})
        .get("content", {})
        .get("application/x-www-form-urlencoded", {})
        .get("schema", {})
    )
    for name, schema in (form.get("properties") or {}).items():
        yield name, schema, name in form.get("required", [])
