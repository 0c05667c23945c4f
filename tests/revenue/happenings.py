"""What happens to an invented contract, most of it possible."""

from datetime import date, timedelta
from decimal import Decimal

from tests.revenue.drafts import MILESTONES, Draft, Drawn, obligation
from tests.revenue.measures import OVER_TIME

MOST_MODIFICATIONS = 6
REASONS = (
    "waiver",
    "goodwill",
    "discount",
    "error",
    "cancellation",
    "service",
    "other",
)


def happen(draft: Draft, day: date) -> None:
    """Draw what happens on a day."""
    kinds = [_perform, _perform, _invoice, _invoice, _modify, _modify, _modify]
    if draft.invoices:
        kinds += [_pay, _credit, _take_back, _take_back]
    kinds += [_estimate, _lapse] if draft.chance(4) else []
    kinds += [_pause, _pause] if draft.chance(3) else []
    event = draft.one(kinds)(draft, day)
    if event:
        draft.events.append({"on": day, **event})


def _alive(draft: Draft) -> list[str]:
    """Return the obligations that are not cancelled."""
    return [name for name in draft.rows if name in draft.groups]


def _perform(draft: Draft, _day: date) -> Drawn | None:
    """Draw a satisfaction or a use."""
    names = [
        name for name in _alive(draft) if draft.rows[name]["method"] not in OVER_TIME
    ]
    if not names:
        return None
    name = draft.one(names)
    what: Drawn = {"contract": "C", "obligation": name}
    method = draft.rows[name]["method"]
    if method == "usage":
        return {"usage": {**what, **_use(draft)}}
    if method == "milestone":
        waiting = [key for key in MILESTONES if key not in draft.reached[name]]
        draft.reached[name] += [draft.one(waiting)] if waiting else []
        reached = {**what, "milestone": draft.reached[name][-1]}
        return {"satisfaction": reached} if waiting else None
    left = draft.left[name]
    if left <= 0:
        return None
    units = Decimal(draft.number(1, int(left)))
    draft.left[name] = left - units
    if method == "progress":
        # Seldom it is less than was thought.
        if draft.chance(2):
            draft.left[name] = Decimal(draft.number(0, 100))
        return {"satisfaction": {**what, "percent": int(100 - draft.left[name])}}
    kind = "usage" if method == "drawdown" else "satisfaction"
    # All of it may also be said without a number.
    is_said = method == "drawdown" or units < left
    return {kind: {**what, "quantity": int(units)} if is_said else what}


def _use(draft: Draft) -> Drawn:
    """Draw how much was used, or what it was worth."""
    if draft.chance(2):
        return {"amount": draft.money(draft.number(1, 50000))}
    return {"quantity": f"{Decimal(draft.number(1, 9999)).scaleb(-1)}"}


def _lapse(draft: Draft, _day: date) -> Drawn | None:
    """Draw a right that expires."""
    names = [name for name in draft.left if name in _alive(draft)]
    if not names:
        return None
    name = draft.one(names)
    draft.left[name] = Decimal(0)
    return {"lapse": {"contract": "C", "obligation": name}}


def _estimate(draft: Draft, day: date) -> Drawn | None:
    """Draw a change in what is expected to be paid; two of one day contradict."""
    name = draft.one(_alive(draft) or [""])
    if not name or (name, day) in draft.estimated:
        return None
    draft.estimated.add((name, day))
    what: Drawn = {"contract": "C", "obligation": name}
    if draft.rows[name]["method"] == "usage":
        price = f"{Decimal(draft.number(1, 20000)).scaleb(-4)}"
        return {"estimate": {**what, "unit_price": price}}
    return {"estimate": {**what, "amount": _other_amount(draft, name)}}


def _pause(draft: Draft, day: date) -> Drawn | None:
    """Draw a pause of all that runs, or of some of it."""
    names = [name for name in _alive(draft) if draft.rows[name]["method"] in OVER_TIME]
    if not names:
        return None
    until = day + timedelta(draft.one([0, 6, 30, draft.number(0, 200)]))
    what: Drawn = {"contract": "C", "until": until}
    what["treatment"] = draft.one(["extend", "extend", "spread", "none"])
    if draft.chance(4):
        what["obligations"] = sorted({draft.one(names) for _ in range(2)})
    return {"pause": what}


def _other_amount(draft: Draft, name: str) -> str:
    """Draw a new price of the whole obligation, mostly near the old one."""
    old = draft.minor(draft.rows[name]["amount"])
    new = draft.money(old * draft.number(60, 180) // 100 + draft.number(0, 3))
    draft.rows[name] = {**draft.rows[name], "amount": new}
    return new


def _invoice(draft: Draft, _day: date) -> Drawn | None:
    """Draw an invoice on one to three obligations."""
    lines = []
    for _ in range(draft.number(1, 3)):
        name = draft.one(list(draft.rows))
        most = draft.minor(draft.rows[name].get("amount", draft.money(9000)))
        if most < 1:
            continue
        line = {"obligation": name, "amount": draft.money(draft.number(1, most))}
        if draft.chance(3):
            line["tax"] = draft.money(draft.number(1, 9000))
        lines.append(line)
    if not lines:
        return None
    invoice = {"id": f"I{len(draft.invoices)}", "contract": "C", "lines": lines}
    draft.invoices.append(invoice)
    return {"invoice": invoice}


def _open(draft: Draft) -> tuple[Drawn | None, int]:
    """Draw an invoice and an amount that can still be taken from it."""
    invoice = draft.one(draft.invoices)
    net = sum(draft.minor(line["amount"]) for line in invoice["lines"])
    left = net - draft.taken.get(invoice["id"], 0)
    if left < 1:
        return None, 0
    # Seldom all of it: what was billed may be more than what was allocated.
    amount = left if draft.chance(1) else draft.number(1, max(1, left // 8))
    draft.taken[invoice["id"]] = draft.taken.get(invoice["id"], 0) + amount
    return invoice, amount


def _pay(draft: Draft, _day: date) -> Drawn:
    """Draw a payment."""
    invoice = draft.one(draft.invoices)
    amount = draft.money(draft.number(1, 90000))
    number = len(draft.events)
    return {"payment": {"id": f"P{number}", "invoice": invoice["id"], "amount": amount}}


def _credit(draft: Draft, _day: date) -> Drawn | None:
    """Draw a credit note, for all of an invoice or for one line of it."""
    invoice, amount = _open(draft)
    if not invoice:
        return None
    what: Drawn = {"id": f"N{len(draft.events)}", "invoice": invoice["id"]}
    what["reason"] = draft.one(REASONS)
    if draft.chance(3):
        line = draft.one(invoice["lines"])
        most = min(amount, draft.minor(line["amount"]))
        return {
            "credit_note": {
                **what,
                "lines": [
                    {"obligation": line["obligation"], "amount": draft.money(most)}
                ],
            }
        }
    if draft.chance(2):
        what["tax"] = draft.money(draft.number(0, 100))
    return {"credit_note": {**what, "amount": draft.money(amount)}}


def _take_back(draft: Draft, _day: date) -> Drawn | None:
    """Draw a refund, a dispute, its end, a void, a write-off or a recovery."""
    kind = draft.one(
        ["refund", "refund", "dispute", "dispute_won", "void", "write_off", "recovery"]
    )
    if kind in ("dispute_won", "recovery"):
        invoice = draft.one(draft.invoices)
        amount = draft.money(draft.number(1, 9000))
        return {kind: {"invoice": invoice["id"], "amount": amount}}
    invoice, minor = _open(draft)
    if not invoice:
        return None
    if kind == "void":
        draft.taken[invoice["id"]] = 10**12
        return {"void": {"invoice": invoice["id"]}}
    what = {"invoice": invoice["id"], "amount": draft.money(minor)}
    if kind == "refund":
        treatments = ["pro_rata", "pro_rata", "prospective", "unearned", "credited"]
        what |= {"id": f"R{len(draft.events)}", "treatment": draft.one(treatments)}
    return {kind: what}


def _modify(draft: Draft, day: date) -> Drawn | None:
    """Draw a modification."""
    if draft.modified == MOST_MODIFICATIONS:
        return None
    draft.modified += 1
    name = f"M{draft.modified}"
    treatment = draft.one(
        ["prospective", "prospective", "catch_up", "combined", "separate", "none"]
    )
    what: Drawn = {"contract": "C", "id": name, "treatment": treatment}
    what |= {"decided_by": "A. Controller", "reason": "agreed"}
    if treatment == "separate":
        what["add"] = [obligation(draft, day, name) for _ in range(draft.number(1, 2))]
    elif treatment != "none":
        group = draft.one(sorted(set(draft.groups.values())) or [""])
        members = [key for key in _alive(draft) if draft.groups[key] == group]
        chosen = (
            sorted({draft.one(members) for _ in range(draft.number(1, 2))})
            if members
            else []
        )
        what["changes"] = [_change(draft, day, key, treatment) for key in chosen]
        if draft.chance(3) or not chosen:
            what["add"] = [obligation(draft, day, group if chosen else "")]
        if draft.chance(1):
            what["refund_due"] = draft.money(draft.number(1, 5000))
    return {"modification": what}


def _change(draft: Draft, day: date, name: str, treatment: str) -> Drawn:
    """Draw the new terms of an obligation."""
    row = draft.rows[name]
    change: Drawn = {"obligation": name}
    if row["method"] == "usage":
        change["unit_price"] = f"{Decimal(draft.number(1, 20000)).scaleb(-4)}"
        return change
    is_performed = any(
        event["on"] == day and name == what.get("obligation")
        for event in draft.events
        for what in event.values()
        if isinstance(what, dict)
    )
    if draft.chance(1) and not is_performed:
        del draft.groups[name]
        return {**change, "cancel": True}
    if draft.chance(7):
        change["amount"] = _other_amount(draft, name)
    if draft.chance(4) and row["method"] in OVER_TIME:
        first = max(row["start"], day)
        change["end"] = first + timedelta(draft.number(0, 400))
        draft.rows[name] = {**draft.rows[name], "end": change["end"]}
    if draft.chance(4) and row["method"] in ("point_in_time", "drawdown"):
        more = draft.number(1, 10)
        change["quantity"] = draft.rows[name]["quantity"] + more
        draft.rows[name] = {**draft.rows[name], "quantity": change["quantity"]}
        draft.left[name] += more
    if draft.chance(3):
        change["ssp"] = draft.money(draft.number(1, 900000))
    if treatment == "combined" and draft.chance(5):
        change["treatment"] = "catch_up"
    return change
