"""Chargebee's product catalogue 2.0: families, items and their prices."""

from collections.abc import Mapping

from sandbox.chargebee.customers import currency, custom
from sandbox.chargebee.desk import Answer, Desk
from sandbox.chargebee.forms import Form
from sandbox.chargebee.pricing import UNITS
from sandbox.chargebee.shapes import duplicate, impossible, wrong
from sandbox.journal import Document

ITEM_TYPES = ("plan", "addon", "charge")
STATUSES = ("active", "archived")
MODELS = ("flat_fee", "per_unit", "tiered", "volume", "stairstep")
MOST_NAME = 100
MOST_PERIODS = 10_000
SITE_CURRENCY = "USD"
_CALCULATIONS = ("sum_of_usages", "last_usage", "max_usage")
_APPLICABILITY = ("all", "restricted")
_TRIAL_UNITS = ("day", "month")
_ITEM_TEXTS = ("description", "external_name", "unit", "redirect_url")
_ITEM_FLAGS = {
    "is_giftable": False,
    "is_shippable": False,
    "enabled_in_portal": True,
    "enabled_for_checkout": True,
    "included_in_mrr": True,
    "metered": False,
}
_PRICE_TEXTS = ("description", "external_name", "invoice_notes", "price_variant_id")
_PRICE_OWN = (
    *_PRICE_TEXTS,
    "name",
    "price",
    "tiers",
    "metadata",
    "is_taxable",
    "free_quantity",
    "trial_period",
    "trial_period_unit",
    "billing_cycles",
)


def _named(desk: Desk, form: Form, kind: str, own: str | None = None) -> str:
    """Return the name; two records of a kind do not share one."""
    name = form.required("name", MOST_NAME)
    taken = desk.of(kind, "name", name)
    if any(each["id"] != own for each in taken):
        raise duplicate("name", name)
    return name


def create_family(desk: Desk, form: Form, _ids: Mapping[str, str]) -> Answer:
    """Create an item family."""
    form.only("id", "name", "description")
    identity = desk.claim("item_family", form.identity())
    family = {
        "id": identity,
        "name": _named(desk, form, "item_family"),
        "description": form.text("description", 2000),
        "status": "active",
        "channel": "web",
        "deleted": False,
        "object": "item_family",
    }
    return {"item_family": desk.save("item_family", family)}


def update_family(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Change an item family."""
    form.only("name", "description")
    family = desk.get("item_family", ids["id"])
    if form.has("name"):
        family["name"] = _named(desk, form, "item_family", family["id"])
    if form.has("description"):
        family["description"] = form.text("description", 2000)
    return {"item_family": desk.save("item_family", family)}


def create_item(desk: Desk, form: Form, _ids: Mapping[str, str]) -> Answer:
    """Create an item."""
    own = (*_ITEM_TEXTS, *_ITEM_FLAGS, "metadata", "usage_calculation")
    form.only(
        *("id", "name", "type", "item_family_id", "item_applicability"),
        *own,
        custom=True,
    )
    identity = desk.claim("item", form.identity() or form.required("id"))
    kind = form.choice("type", ITEM_TYPES)
    if kind is None:
        raise wrong("type", "cannot be blank")
    family = form.required("item_family_id")
    desk.get("item_family", family, "item_family_id")
    metered = form.flag("metered")
    item = {
        "id": identity,
        "name": _named(desk, form, "item"),
        **{name: form.text(name, 500) for name in _ITEM_TEXTS},
        "status": "active",
        "item_family_id": family,
        "type": kind,
        **{
            name: form.flag(name, default=default)
            for name, default in _ITEM_FLAGS.items()
        },
        "item_applicability": form.choice("item_applicability", _APPLICABILITY, "all"),
        "usage_calculation": form.choice(
            "usage_calculation", _CALCULATIONS, "sum_of_usages" if metered else None
        ),
        "metadata": form.json("metadata"),
        **custom(form),
        "channel": "web",
        "deleted": False,
        "object": "item",
    }
    return {"item": desk.save("item", item)}


def update_item(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Change an item; whether it is metered stays as it was made."""
    flags = tuple(name for name in _ITEM_FLAGS if name != "metered")
    form.only("name", "status", *_ITEM_TEXTS, *flags, "metadata", custom=True)
    item = desk.get("item", ids["id"])
    if form.has("name"):
        item["name"] = _named(desk, form, "item", item["id"])
    item |= {name: form.text(name, 500) for name in _ITEM_TEXTS if form.has(name)}
    item |= {name: form.flag(name) for name in flags if form.has(name)}
    if form.has("status"):
        item["status"] = form.choice("status", STATUSES, item["status"])
    if form.has("metadata"):
        item["metadata"] = form.json("metadata")
    return {"item": desk.save("item", item | custom(form))}


def create_price(desk: Desk, form: Form, _ids: Mapping[str, str]) -> Answer:
    """Create a price of an item in one currency and for one period."""
    form.only(
        *("id", "item_id", "currency_code", "pricing_model", "period", "period_unit"),
        *_PRICE_OWN,
        custom=True,
    )
    identity = desk.claim("item_price", form.identity() or form.required("id"))
    item = desk.get("item", form.required("item_id"), "item_id")
    model = form.choice("pricing_model", MODELS, "flat_fee")
    if item["type"] == "charge":
        period = unit = None
    else:
        unit = form.choice("period_unit", tuple(UNITS))
        period = form.whole("period", 1, 120)
        if unit is None or period is None:
            raise wrong("period", "cannot be blank")
    if item["metered"] and model == "flat_fee":
        raise wrong("pricing_model", "flat_fee is not allowed for a metered item")
    price = {
        "id": identity,
        "name": _named(desk, form, "item_price"),
        "item_family_id": item["item_family_id"],
        "item_id": item["id"],
        "item_type": item["type"],
        "status": "active",
        "pricing_model": model,
        "currency_code": currency(form, "currency_code") or SITE_CURRENCY,
        "period": period,
        "period_unit": unit,
        "free_quantity": 0,
        "is_taxable": True,
        "show_description_in_invoices": False,
        "show_description_in_quotes": False,
        "created_at": desk.now,
        "channel": "web",
        "deleted": False,
        "object": "item_price",
    }
    price |= _price_fields(form, str(model), create=True)
    return {"item_price": desk.save("item_price", price | custom(form))}


def update_price(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Change a price; subscriptions keep the price that they were made with."""
    form.only(*_PRICE_OWN, "status", custom=True)
    price = desk.get("item_price", ids["id"])
    if form.has("name"):
        price["name"] = _named(desk, form, "item_price", price["id"])
    if form.has("status"):
        price["status"] = form.choice("status", STATUSES, price["status"])
    price |= _price_fields(form, price["pricing_model"], create=False)
    return {"item_price": desk.save("item_price", price | custom(form))}


def _price_fields(form: Form, model: str, *, create: bool) -> Document:
    fields = form.given(
        {
            **{name: lambda name: form.text(name, 2000) for name in _PRICE_TEXTS},
            **{
                name: lambda name: form.whole(name, 0, MOST_PERIODS)
                for name in ("free_quantity", "trial_period", "billing_cycles")
            },
            "price": lambda name: form.whole(name) or 0,
            "trial_period_unit": lambda name: form.choice(name, _TRIAL_UNITS),
            "is_taxable": form.flag,
            "metadata": form.json,
        }
    )
    tiers = _tiers(form)
    tiered = model in {"tiered", "volume", "stairstep"}
    right, other = ("tiers", "price") if tiered else ("price", "tiers")
    given = {"tiers": bool(tiers), "price": form.has("price")}
    if given[other]:
        raise wrong(other, f"is not allowed for the pricing model {model}")
    if create and not given[right]:
        raise wrong(right, "cannot be blank")
    return fields | ({"tiers": tiers} if tiers else {})


def _tiers(form: Form) -> list[Document]:
    tiers: list[Document] = []
    for row in form.rows("tiers"):
        row.only("starting_unit", "ending_unit", "price")
        start, end = row.whole("starting_unit", 1), row.whole("ending_unit", 1)
        if start is None:
            raise wrong(row.param("starting_unit"), "cannot be blank")
        before = tiers[-1].get("ending_unit") if tiers else 0
        if before is None or start != before + 1 or (end is not None and end < start):
            raise wrong(row.param("starting_unit"), "does not follow the tier before")
        tier = {"starting_unit": start, "ending_unit": end}
        tier |= {"price": row.whole("price") or 0}
        tiers.append({key: each for key, each in tier.items() if each is not None})
    if tiers and tiers[-1].get("ending_unit") is not None:
        raise wrong("tiers", "the last one has to be without an ending_unit")
    return tiers


def retrieve(desk: Desk, form: Form, ids: Mapping[str, str], kind: str) -> Answer:
    """Return one record of the catalogue."""
    form.only()
    return {kind: desk.get(kind, ids["id"])}


_INNER = {"item_family": ("item", "item_family_id"), "item": ("item_price", "item_id")}


def delete(desk: Desk, form: Form, ids: Mapping[str, str], kind: str) -> Answer:
    """Mark a record as deleted; refuse while others are made from it."""
    form.only()
    record = desk.get(kind, ids["id"])
    if kind in _INNER and desk.of(*_INNER[kind], record["id"]):
        raise impossible(f"{kind} {record['id']} is in use and cannot be deleted")
    if kind == "item_price":
        used = "exists (select 1 from json_each(body, '$.subscription_items') as item"
        used += " where json_extract(item.value, '$.item_price_id') = ?)"
        if desk.held("subscription").count(used, (record["id"],)):
            # Chargebee archives what somebody still pays for.
            archived = record | {"status": "archived", "archived_at": desk.now}
            return {kind: desk.save(kind, archived)}
    return {kind: desk.save(kind, record | {"status": "deleted", "deleted": True})}
