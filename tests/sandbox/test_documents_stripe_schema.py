"""Stripe's documents are what Stripe's own description of its API says they are."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sandbox.company.features import ALL_FEATURES
from sandbox.world import World, build_world

STRIPE_SPEC = (
    Path(__file__).parents[2].parent / "shared" / "specs" / "stripe" / "spec3.json"
)

Record = dict[str, Any]


@pytest.fixture(scope="module")
def world() -> World:
    """A company of the default size, with the mistakes planted in it."""
    return build_world(7, 400, 24, date(2026, 10, 31))


@pytest.fixture(scope="module")
def featured() -> World:
    """A company with all features, and no mistake planted."""
    as_of = date(2026, 10, 31)
    return build_world(7, 300, 30, as_of, features=ALL_FEATURES, disorder=False)


def _json_schema(node: Any) -> Any:
    """Return OpenAPI's schema as JSON Schema, closed against unknown names."""
    if isinstance(node, list):
        return [_json_schema(each) for each in node]
    if not isinstance(node, dict):
        return node
    schema = {
        key: _json_schema(value)
        for key, value in node.items()
        if key not in {"nullable", "description", "example"}
        and not key.startswith("x-")
    }
    if isinstance(node.get("properties"), dict):
        schema["properties"] = {
            name: _json_schema(value) for name, value in node["properties"].items()
        }
        if node.get("type") == "object":
            schema.setdefault("additionalProperties", False)
    if node.get("nullable") is True:
        return {"anyOf": [schema, {"type": "null"}]}
    return schema


def _samples(records: list[Record]) -> Iterator[Record]:
    """Yield one document of each outline: the same fields of the same types."""
    seen = set()
    for each in records:
        outline = json.dumps(_outline(each), sort_keys=True)
        if outline not in seen:
            seen.add(outline)
            yield {key: value for key, value in each.items() if key[0] != "_"}


def _outline(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _outline(each) for key, each in value.items()}
    if isinstance(value, list):
        return sorted({json.dumps(_outline(each), sort_keys=True) for each in value})
    return type(value).__name__


@pytest.fixture(scope="module")
def stripe_schemas() -> Any:
    """Stripe's published description of its objects, if it lies beside the checkout."""
    if not STRIPE_SPEC.exists():
        pytest.skip(f"Stripe's OpenAPI description is not at {STRIPE_SPEC}")
    with STRIPE_SPEC.open(encoding="utf-8") as file:
        return json.load(file)["components"]["schemas"]


def _needed(schemas: Any, name: str) -> dict[str, Any]:
    """Return the schemas that one refers to, directly or not, ready to validate."""
    needed: dict[str, Any] = {}
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current in needed:
            continue
        needed[current] = _json_schema(schemas[current])
        text = json.dumps(needed[current])
        waiting += [
            part.partition('"')[0] for part in text.split("#/components/schemas/")[1:]
        ]
    return needed


PLAIN = (
    "customer",
    "product",
    "price",
    "coupon",
    "subscription",
    "invoice",
    "invoiceitem",
    "payment_intent",
    "invoice_payment",
    "charge",
    "refund",
    "billing.meter",
    "billing.meter_event_summary",
)
FEATURED = (
    *PLAIN,
    "subscription_schedule",
    "credit_note",
    "dispute",
    "payout",
    "balance_transaction",
)


@pytest.mark.parametrize("name", PLAIN)
def test_stripe_documents_are_what_stripe_describes(
    world: World, stripe_schemas: Any, name: str
) -> None:
    """Every kind of document has all required fields, right types, no strange ones."""
    _check(world.documents["stripe"][name], stripe_schemas, name)


@pytest.mark.parametrize("name", FEATURED)
def test_documents_of_a_company_with_features_are_what_stripe_describes(
    featured: World, stripe_schemas: Any, name: str
) -> None:
    """Tiers, trials, pauses, schedules, credits, disputes and payouts included."""
    _check(featured.documents["stripe"][name], stripe_schemas, name)


def _check(records: list[Record], stripe_schemas: Any, name: str) -> None:
    validator = Draft202012Validator(
        {
            "$ref": f"#/components/schemas/{name}",
            "components": {"schemas": _needed(stripe_schemas, name)},
        }
    )
    samples = list(_samples(records))

    assert samples
    for document in samples:
        problems = [
            f"{'.'.join(map(str, error.absolute_path))}: {error.message[:200]}"
            for error in validator.iter_errors(document)
        ]
        assert problems == []
