"""A built warehouse as a scenario: what the engine was given, for the reference."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.revenue.scenario import EXPONENT, Row

Rows = Callable[[str], Sequence[dict[str, Any]]]
DAY = timedelta(days=1)
MICROS = Decimal(1_000_000)


def recorded(rows: Rows, until: date) -> Row:
    """Return the contracts of a warehouse, and all that happened to them.

    Args:
        rows: Returns the rows of a query, by column name.
        until: The last month.
    """
    contracts = rows("select * from revenue.revenue_contracts order by contract_id")
    currencies = {row["contract_id"]: row["currency"] for row in contracts}
    sold: dict[Any, list[Row]] = defaultdict(list)
    for row in rows("select * from revenue.revenue_obligations order by 1, 2"):
        currency = currencies[row["contract_id"]]
        key = row["added_by"] or row["contract_id"]
        sold[key].append(_obligation(row, currency))
    lines: dict[str, list[Row]] = defaultdict(list)
    for row in rows(
        "select lines.*, events.contract_id from revenue.revenue_event_lines as lines"
        " inner join revenue.revenue_events as events using (event_id) order by all"
    ):
        currency = currencies[row["contract_id"]]
        lines[row["event_id"]].append(
            {
                "obligation": row["obligation_id"],
                "amount": _major(row["amount_minor"], currency),
                "tax": _major(row["tax_minor"], currency),
            }
        )
    changes: dict[str, list[Row]] = defaultdict(list)
    for row in rows("select * from revenue.revenue_changes order by all"):
        changes[row["event_id"]].append(_change(row, currencies[row["contract_id"]]))
    rested: dict[str, Any] = {}
    for row in rows("select * from revenue.revenue_pauses order by all"):
        pause = rested.setdefault(
            row["event_id"], {"until": row["resumes_on"] - DAY, "obligations": []}
        )
        pause["obligations"].append(row["obligation_id"])
    return {
        "name": "recorded",
        "until": f"{until:%Y-%m}",
        "ssp": [
            {
                "product": row["product_id"],
                "currency": row["currency"],
                "from": row["valid_from"],
                "per": row["per"],
                "approved_by": "list" if row["is_approved"] else None,
                **{
                    bound: _major(row[f"{bound}_minor"], row["currency"])
                    for bound in ("low", "mid", "high")
                },
            }
            for row in rows("select * from revenue.revenue_standalone_prices")
        ],
        "contracts": [
            {
                "id": row["contract_id"],
                "currency": row["currency"],
                "entity": row["entity"],
                "signed": row["signed_on"],
                "obligations": sold[row["contract_id"]],
            }
            for row in contracts
        ],
        "events": [
            _event(
                row,
                currencies[row["contract_id"]],
                # Of a void invoice those of the invoice.
                lines[f"invoice:{row['invoice_id']}"],
                {
                    "modification": {
                        "changes": changes[row["event_id"]],
                        "add": sold[row["event_id"]],
                    },
                    "pause": rested.get(row["event_id"], {}),
                },
            )
            for row in rows("select * from revenue.revenue_events order by event_id")
        ],
    }


def _obligation(row: Row, currency: str) -> Row:
    """Return an obligation as a scenario says it."""
    found = {
        "id": row["obligation_id"],
        "product": row["product_id"],
        "method": row["method"],
        "start": row["starts_on"],
        "end": row["ends_before"] - DAY,
        "quantity": str(row["quantity_micros"] / MICROS),
        "amount": _major(row["amount_minor"], currency),
        "right": "unconditional" if row["is_unconditional"] else "conditional",
    }
    return {key: value for key, value in found.items() if value is not None}


def _change(row: Row, currency: str) -> Row:
    """Return what a modification says of one obligation."""
    found: dict[str, Any] = {"obligation": row["obligation_id"]}
    if row["amount_minor"] is not None:
        found["amount"] = _major(row["amount_minor"], currency)
    if row["ends_before"] is not None:
        found["end"] = row["ends_before"] - DAY
    if row["ssp_minor"] is not None:
        found["ssp"] = _major(row["ssp_minor"], currency)
    return found


def _event(
    row: Row,
    currency: str,
    lines: Sequence[Row],
    about: Mapping[str, Row],
) -> Row:
    """Return an event as a scenario says it."""
    kind = row["kind"]
    what: dict[str, Any] = {"contract": row["contract_id"]}
    if kind == "modification":
        what |= {
            "id": row["event_id"],
            "treatment": row["treatment"],
            "decided_by": row["decided_by"],
            **about[kind],
        }
    elif kind == "pause":
        what |= {"treatment": row["treatment"], **about[kind]}
    elif kind == "invoice":
        what |= {"id": row["invoice_id"], "lines": lines}
    elif row["invoice_id"]:
        what |= {"id": row["event_id"], "invoice": row["invoice_id"]}
    else:
        what["obligation"] = row["obligation_id"]
    if row["amount_minor"] is not None:
        what["amount"] = _major(row["amount_minor"], currency)
    if kind == "credit_note":
        what["reason"] = row["reason"]
    if kind == "refund":
        what["treatment"] = row["treatment"]
    if kind == "void" and row["treatment"] == "unearned":
        # Billed anew, the price stands. In a scenario it is money of no price.
        kind = "refund"
        total = sum(Decimal(line["amount"]) for line in lines)
        what |= {"amount": str(total), "treatment": "unearned"}
    found = {"on": row["event_on"], "recorded": row["recorded_on"], kind: what}
    if row["posts_on"] is not None:
        found["posts_on"] = row["posts_on"]
    return found


def _major(minor: int, currency: str) -> str:
    """Return whole minor units as an amount in major ones."""
    return str(Decimal(minor).scaleb(-EXPONENT.get(currency, 2)))
