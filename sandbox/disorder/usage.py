"""Disorder in usage: what was consumed, counted, rated and invoiced."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from sandbox.chargebee.documents_ids import chargebee_id
from sandbox.company.catalogue import Charge
from sandbox.company.days import add_months, months_between, plus
from sandbox.company.facts import (
    Basis,
    Contract,
    Customer,
    Invoice,
    InvoiceLine,
    UsageDay,
)
from sandbox.disorder.catalogue import (
    COMMON,
    Finder,
    Owned,
    contracts,
    customers,
    disorder,
    runs,
)
from sandbox.disorder.scene import Planted, Scene
from sandbox.identifiers import stripe_id
from sandbox.stripe.documents import usage_summary
from sandbox.stripe.documents_ids import (
    invoice_id,
)

SUMMARY = "billing.meter_event_summary"
METER = "billing.meter"
# A silence is longer than a week and than so many times the usual distance between days
# of use: who uses something on five days of a month is quiet for a week every month.
SILENT_DAYS, SILENT_TIMES = 7, 4


def metered(scene: Scene, customer: Customer) -> list[tuple[Invoice, InvoiceLine]]:
    """Return the lines on which a customer's usage was invoiced."""
    return [
        (invoice, line)
        for invoice in scene.company.invoices_of[customer.key]
        for line in invoice.lines
        if line.basis is Basis.USAGE and invoice.status != "void"
    ]


def late_usage(scene: Scene, customer: Customer, rng: Random) -> Planted:
    """Let a day of usage arrive when its month was already invoiced."""
    invoice, line = rng.choice(metered(scene, customer)[-3:])
    used = {day.on for day in used_by(scene, customer) if day.sku == line.price.sku}
    length = (line.ends_before - line.starts_on).days
    free = [plus(line.starts_on, offset) for offset in range(length)]
    day = rng.choice([each for each in free if each not in used])
    units = rng.randint(100, 2_000)
    late = UsageDay(customer, invoice.contract_key, line.price.sku, day, units)
    document = usage_summary(scene.company, late)
    scene.add("stripe", SUMMARY, document)
    return Planted(
        "",
        "stripe",
        "invoice",
        invoice_id(invoice),
        "quantity",
        line.quantity + units,
        line.quantity,
        f"approval: {units} units of {line.price.sku} used on {day} came after the"
        f" invoice: {units * line.price.unit_minor} {customer.currency} minor units"
        f" on meter {document['meter']}",
    )


def used_by(scene: Scene, customer: Customer) -> list[UsageDay]:
    """Return the days on which a customer used something."""
    return scene.usage_of.get(customer.key, [])


def _is_metered(scene: Scene, customer: Customer) -> bool:
    return bool(metered(scene, customer))


def _late(scene: Scene, customer: Customer, rng: Random) -> Planted:
    found = late_usage(scene, customer, rng)
    invoice = scene.look("stripe", "invoice", found.record_id)
    places = range(len(invoice["lines"]["data"]))
    place = next(
        each
        for each in places
        if invoice["lines"]["data"][each]["quantity"] == found.wrong
    )
    return replace(found, field=f"lines.data.{place}.quantity")


def summary_id(day: UsageDay) -> str:
    """Return the id of the meter's summary of a day."""
    return stripe_id("mtrusg", day.customer.key, day.sku, day.on.isoformat())


def _since(scene: Scene, contract: Contract) -> date:
    """Return the first day that no invoice has counted yet."""
    begun = months_between(contract.starts_on, scene.company.as_of)
    return add_months(contract.starts_on, begun)


def _days(*, invoiced: bool) -> Finder[UsageDay]:
    """Return a finder of days that an invoice counted, or that none has counted yet."""

    def find(scene: Scene) -> Iterator[Owned[UsageDay]]:
        ends: dict[str, date] = {}
        for contract in scene.books.contracts:
            if invoiced or runs(scene, contract):
                ends[contract.key] = min(_since(scene, contract), contract.ends_before)
        for day in scene.books.usage:
            end = ends.get(day.contract_key)
            if end is not None and (day.on < end) is invoiced:
                yield day.customer.key, day

    return find


def _twice(scene: Scene, day: UsageDay, _rng: Random) -> Planted:
    document = dict(scene.look("stripe", SUMMARY, summary_id(day)))
    document["id"] = stripe_id("mtrusg", day.customer.key, day.sku, day.on, "again")
    note = f"automatic: {day.quantity} units of {day.on} were counted twice"
    return scene.added("stripe", SUMMARY, document, note)


def _sent_twice(scene: Scene, day: UsageDay, _rng: Random) -> Planted:
    identity = chargebee_id("", "usage", day.contract_key, day.sku, day.on)
    document = dict(scene.look("chargebee", "usage", identity))
    document["id"] = chargebee_id("", "usage", day.contract_key, day.sku, day.on, 2)
    note = f"automatic: {day.quantity} units of {day.on} were sent twice"
    return scene.added("chargebee", "usage", document, note)


def _of_chargebee(scene: Scene) -> list[Owned[UsageDay]]:
    if scene.company.using("chargebee") is scene.company:
        return []
    usage = scene.company.using("chargebee").usage
    return [(day.customer.key, day) for day in usage]


def _changed(
    field: str, wrong: Callable[[Scene, UsageDay, Random], object], note: str
) -> Callable[[Scene, UsageDay, Random], Planted]:
    def plant(scene: Scene, day: UsageDay, rng: Random) -> Planted:
        value = wrong(scene, day, rng)
        return scene.changed("stripe", SUMMARY, summary_id(day), field, value, note)

    return plant


def _without_meter(scene: Scene, customer: Customer) -> bool:
    return bool(scene.company.in_force(customer)) and not used_by(scene, customer)


def _unsold(scene: Scene, customer: Customer, rng: Random) -> Planted:
    (contract, *_) = scene.company.in_force(customer)
    day = plus(scene.company.as_of, -rng.randint(1, 20))
    units = rng.randint(300, 3_000)
    stray = UsageDay(customer, contract.key, "USE-API", day, units)
    document = usage_summary(scene.company, stray)
    note = f"approval: {units} units used on {day} by who bought nothing metered"
    return scene.added("stripe", SUMMARY, document, note)


def _uncounted(scene: Scene, contract: Contract) -> list[UsageDay]:
    since = _since(scene, contract)
    days = used_by(scene, contract.customer)
    return [day for day in days if day.contract_key == contract.key and since <= day.on]


def _silenced(scene: Scene, contract: Contract) -> bool:
    """Return whether nobody expects so long a silence as begins with the last bill."""
    sold = any(line.charge is Charge.USAGE for line in contract.lines)
    if not sold or not runs(scene, contract) or not _uncounted(scene, contract):
        return False
    since = _since(scene, contract)
    used = used_by(scene, contract.customer)
    days = sorted({day.on for day in used if day.on < since})
    if len(days) < SILENT_TIMES:
        return False
    silent = (scene.company.as_of - days[-1]).days
    usual = (days[-1] - days[0]) / (len(days) - 1)
    return timedelta(silent) > max(timedelta(SILENT_DAYS), SILENT_TIMES * usual)


def _silence(scene: Scene, contract: Contract, _rng: Random) -> Planted:
    first, *others = [summary_id(day) for day in _uncounted(scene, contract)]
    for each in others:
        scene.remove("stripe", SUMMARY, each)
    note = "person: a metered subscription has had no usage for a week or more"
    return scene.lost("stripe", SUMMARY, first, note)


def _unmapped(scene: Scene, day: UsageDay, _rng: Random) -> Planted:
    summary = scene.look("stripe", SUMMARY, summary_id(day))
    identity = stripe_id("mtr", scene.seed, "unmapped", day.sku)
    if not scene.has("stripe", METER, identity):
        meter = scene.look("stripe", METER, summary["meter"])
        name = f"{meter['event_name']}_v2"
        copied = meter | {"id": identity, "event_name": name, "display_name": name}
        scene.add("stripe", METER, copied)
    note = "person: counted on a meter that no price knows"
    return scene.changed("stripe", SUMMARY, summary_id(day), "meter", identity, note)


_SUMMARY = f"stripe.{SUMMARY}"
DISORDERS = (
    disorder("usage counted twice", "U01", _SUMMARY, _days(invoiced=True), _twice),
    disorder(
        "usage sent twice",
        "U01",
        "chargebee.usage",
        _of_chargebee,
        _sent_twice,
        needs="entities",
        rate=COMMON,
    ),
    disorder(
        "usage that came after its invoice",
        "U02 U06",
        f"{_SUMMARY} stripe.invoice",
        customers(_is_metered),
        _late,
        rate=COMMON,
    ),
    disorder(
        "usage corrected after it was invoiced",
        "U04",
        _SUMMARY,
        _days(invoiced=True),
        _changed(
            "aggregated_value",
            lambda _, day, rng: day.quantity * rng.randint(10, 90) // 100,
            "approval: the invoice bills more than the meter counts by now",
        ),
    ),
    disorder(
        "usage of who bought none",
        "U05",
        _SUMMARY,
        customers(_without_meter),
        _unsold,
    ),
    disorder(
        "metered subscription gone silent",
        "U07",
        _SUMMARY,
        contracts(_silenced),
        _silence,
        rate=COMMON,
    ),
    disorder(
        "usage on a meter that no price knows",
        "U08",
        f"{_SUMMARY} stripe.{METER}",
        _days(invoiced=False),
        _unmapped,
    ),
    disorder(
        "negative usage",
        "U09",
        _SUMMARY,
        _days(invoiced=False),
        _changed(
            "aggregated_value",
            lambda _, day, __: -day.quantity,
            "person: a meter counts up, never down",
        ),
    ),
    disorder(
        "absurd usage",
        "U09",
        _SUMMARY,
        _days(invoiced=False),
        _changed(
            "aggregated_value",
            lambda _, day, __: day.quantity * 10_000,
            "person: ten thousand times what the customer uses on a day",
        ),
    ),
)
