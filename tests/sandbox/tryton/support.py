"""Support: the few records that the Tryton tests enter, and a colleague's hands."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sandbox.tryton.api import Api
from sandbox.tryton.seed import Entered, Erp
from sandbox.tryton.server import Server


def _customer(number: int, name: str, **fields: Any) -> dict[str, Any]:
    domain = f"{name.split(maxsplit=1)[0].lower()}.example"
    return {
        "id": str(number),
        "entityid": f"CUST{number}",
        "externalid": f"cus_{number}",
        "companyname": name,
        "email": f"billing@{domain}",
        "vatregnumber": None,
        "country": "US",
        **fields,
    }


def _invoice(number: int, entity: int, total: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "tranid": f"INV-{number}",
        "externalid": f"in_{number}",
        "entity": str(entity),
        "trandate": "2026-09-15",
        "duedate": "2026-10-15",
        "currency": "USD",
        "foreigntotal": Decimal(total),
        "status": "Open",
        **fields,
    }


ERP = Erp(
    customers=[
        _customer(1, "Aldridge Inc.", vatregnumber="12-3456789"),
        _customer(2, "Brandt GmbH", vatregnumber="DE123456789", country="DE"),
        _customer(3, "Chiyoda K.K.", country="JP", email=None),
        _customer(4, "Dunmore Ltd.", country="GB", externalid=None),
        _customer(5, "Eastvale Inc.", vatregnumber="00-0000000"),
    ],
    invoices=[
        # Out of order on purpose: billing numbers them, and the ERP comes to know late.
        _invoice(12, 1, "1200.10", trandate="2026-10-01", duedate="2026-10-31"),
        _invoice(10, 1, "99.99", status="Paid In Full"),
        _invoice(11, 2, "0.01", currency="EUR", status="Voided"),
        _invoice(13, 3, "123456", currency="JPY", trandate="2026-02-28"),
        _invoice(14, 4, "8765432.10", currency="GBP", trandate="2025-12-31"),
        _invoice(15, 5, "7", trandate="2031-01-15", duedate="2031-02-14"),
    ],
    paid_on={"10": date(2026, 9, 20)},
)


@dataclass(frozen=True, slots=True)
class Real:
    """A running server: the settings to reach it, and a colleague's session."""

    environ: dict[str, str]
    colleague: Api
    server: Server
    entered: Entered

    def party(self, name: str) -> dict[str, Any]:
        """Return a party as Tryton's API shows it to the colleague."""
        fields = ["name", "email", "contact_mechanisms", "_timestamp"]
        (found,) = self.colleague.search_read(
            "party.party", [["code", "=", name]], fields
        )
        return found

    def add_party(self, code: str, email: str | None = None) -> str:
        """Enter a party of a test's own; return its id."""
        record: dict[str, Any] = {"name": f"{code} Inc.", "code": code}
        record["addresses"] = [["create", [{}]]]
        if email:
            mechanism = {"type": "email", "value": email}
            record["contact_mechanisms"] = [["create", [mechanism]]]
        (number,) = self.colleague.create("party.party", record)
        return str(number)

    def edit_email(self, code: str, address: str) -> None:
        """Correct a party's e-mail address as a colleague would."""
        mechanisms = self.party(code)["contact_mechanisms"]
        self.colleague.model(
            "party.contact_mechanism", "write", mechanisms, {"value": address}
        )
