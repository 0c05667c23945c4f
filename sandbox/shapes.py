"""Shapes: how vendors write money, days and instants."""

from datetime import date
from decimal import Decimal
from typing import Any

from sandbox.company.catalogue import EXPONENTS

Document = dict[str, Any]


def major(minor: int, currency: str) -> Decimal:
    """Return an amount in major units, with as many decimals as the currency has."""
    return Decimal(minor).scaleb(-EXPONENTS[currency])


def salesforce_time(day: date, hour: int = 9, minute: int = 0) -> str:
    """Return an instant as Salesforce writes it: milliseconds, no colon in the zone."""
    return f"{day.isoformat()}T{hour:02}:{minute:02}:00.000+0000"


def zendesk_time(day: date, hour: int = 9, minute: int = 0) -> str:
    """Return an instant as Zendesk writes it."""
    return f"{day.isoformat()}T{hour:02}:{minute:02}:00Z"


def netsuite_time(day: date, hour: int = 9, minute: int = 0) -> str:
    """Return an instant as TO_CHAR(…, 'YYYY-MM-DD HH24:MI:SS') writes it, in UTC."""
    return f"{day.isoformat()} {hour:02}:{minute:02}:00"
