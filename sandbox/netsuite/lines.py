"""Lines: the sublists of transactions, and what they add up to.

Lines of an invoice, credit memo or journal are rows of `transactionline`; what a
payment or credit is applied to is a row that links the two documents.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.netsuite.books import RECEIVABLE
from sandbox.netsuite.fields import missing, shown, taken, unknown, wrong
from sandbox.netsuite.record_types import RecordType, Sublist
from sandbox.netsuite.shapes import error
from sandbox.netsuite.tables import number_of
from sandbox.store import Document, Store, column
from sandbox.wire import Refusal

# NetSuite takes no more lines in one transaction (Oracle, "Record limits").
MAX_LINES = 10_000
_PLACES = {"JPY": 0}


class Lines:
    """The lines of one transaction, as one request writes them."""

    def __init__(
        self, store: Store, kind: RecordType, document: Document, request_id: str
    ) -> None:
        """Write lines of the document; all writes carry the request's id."""
        self.store = store
        self.kind = kind
        self.document = document
        self.request_id = request_id
        self.currency = str(document.get("currency"))
        # A credit memo's lines take revenue back.
        self.sign = 1 if kind.transaction == "CustCred" else -1

    def rows(self, sublist: Sublist) -> list[Document]:
        """Return the lines that are held."""
        held = self.store.collection("netsuite", sublist.object)
        where = f"{number_of(sublist.owner)} = ?"
        values = (int(self.document["id"]),)
        if sublist.object != "transactionline":
            return held.find(where, values)
        return held.find(
            f"{where} and {column('mainline')} is not 'T'",
            values,
            order=number_of("linesequencenumber"),
        )

    def shown(self, sublist: Sublist, root: str) -> list[Document]:
        """Return the lines as the wire shows them."""
        items = []
        for row in self.rows(sublist):
            if sublist.name == "item":
                row["amount"] = self._amount(row)
            if sublist.name == "apply":
                row["apply"] = "T"
            values = (
                (field.name, shown(self.store, field, row, root))
                for field in sublist.fields
            )
            items.append({name: v for name, v in values if v is not None})
        return items

    def write(
        self, sublist: Sublist, wanted: Any, *, replace: bool, strict: bool
    ) -> None:
        """Merge lines into a sublist by their key, or put them in its place."""
        given = self._given(sublist, wanted, strict=strict)
        held = {str(row[_key_column(sublist)]): row for row in self.rows(sublist)}
        highest = max((int(key) for key in held), default=0)
        kept = set()
        for place, line in enumerate(given):
            path = f"{sublist.name}.items[{place}]"
            key = str(line.get(_key_column(sublist)) or "")
            if sublist.name == "apply":
                self._apply(sublist, line, path, known=key in held)
            else:
                if key not in held:
                    highest += 1
                    key = str(highest)
                self._put_line(line, int(key), held.get(key, {}), path)
            kept.add(key)
        if replace:
            for key, row in held.items():
                if key not in kept:
                    self._delete(sublist.object, row["id"])
                    if sublist.name == "apply":
                        self.settle(str(row["previousdoc"]))

    def _given(
        self, sublist: Sublist, wanted: Any, *, strict: bool
    ) -> Sequence[Document]:
        items = wanted.get("items") if isinstance(wanted, dict) else None
        if not isinstance(items, list) or len(items) > MAX_LINES:
            raise wrong(sublist.name, type(wanted).__name__)
        fields = {field.name: field for field in sublist.fields}
        lines = []
        for place, item in enumerate(items):
            path = f"{sublist.name}.items[{place}]"
            if not isinstance(item, dict):
                raise wrong(path, item)
            line = {}
            for name, value in item.items():
                if name in fields:
                    field = fields[name]
                    line[field.column] = taken(
                        self.store, field, value, f"{path}.{name}"
                    )
                elif strict and name != "links":
                    raise unknown(f"{path}.{name}")
            lines.append(line)
        return lines

    def _put_line(self, line: Document, number: int, held: Document, path: str) -> None:
        whole = held | line
        if self.kind.transaction == "Journal":
            if not whole.get("account"):
                raise missing(f"{path}.account")
            debit, credit = (Decimal(whole.get(n) or 0) for n in ("debit", "credit"))
            signed = debit - credit
        else:
            needed = self.store.condition(
                "netsuite", "line_item_required", default=False
            )
            if needed and not whole.get("item"):
                raise missing(f"{path}.item")
            amount = line.get("amount")
            if amount is None and {"rate", "quantity"} & set(line):
                rate = Decimal(whole.get("rate") or 0)
                amount = rate * Decimal(whole.get("quantity") or 1)
            if amount is None:
                amount = held.get("amount")
            if amount is None:
                raise missing(f"{path}.amount")
            whole["amount"] = self._rounded(Decimal(amount))
            signed = self.sign * whole["amount"]
        number_text = f"{self.document['id']}-{number}"
        self._create(
            "transactionline",
            whole
            | {
                "id": number_text,
                "transaction": str(self.document["id"]),
                "linesequencenumber": number,
                "mainline": "F",
                # Lines are in the books of their transaction's subsidiary.
                "subsidiary": self.document.get("subsidiary"),
                "foreignamount": signed,
                "netamount": signed,
            },
        )

    def _rounded(self, amount: Decimal) -> Decimal:
        unit = Decimal(1).scaleb(-_PLACES.get(self.currency, 2))
        if amount == amount.quantize(unit, ROUND_HALF_UP):
            return amount
        return amount.quantize(unit, ROUND_HALF_UP)

    def total(self, sublist: Sublist) -> Decimal:
        """Return what the lines add up to."""
        return sum((self._amount(row) for row in self.rows(sublist)), Decimal(0))

    def _amount(self, row: Document) -> Decimal:
        """Return a line's amount as the record shows it: revenue is positive."""
        amount = row.get("amount")
        if amount is None:
            amount = self.sign * Decimal(row.get("foreignamount") or 0)
        return Decimal(amount)

    def balance(self) -> Decimal:
        """Return what a journal's debits exceed its credits by."""
        (sublist,) = self.kind.sublists
        rows = self.rows(sublist)
        return sum((Decimal(row["foreignamount"]) for row in rows), Decimal(0))

    def main(self, total: Decimal) -> None:
        """Write the line that stands for the whole transaction."""
        row = {
            "id": f"{self.document['id']}-0",
            "transaction": str(self.document["id"]),
            "linesequencenumber": 0,
            "mainline": "T",
            "account": RECEIVABLE,
            "foreignamount": total,
            "netamount": total,
        }
        self._create("transactionline", row)

    def _apply(
        self, sublist: Sublist, line: Document, path: str, *, known: bool
    ) -> None:
        invoice_id = line.get("previousdoc")
        if not invoice_id:
            raise missing(f"{path}.doc")
        link_id = f"{invoice_id}-{self.document['id']}"
        if line.get("apply") == "F":
            if known:
                self._delete(sublist.object, link_id)
                self.settle(invoice_id)
            return
        invoice = self.store.collection("netsuite", "invoice").get(invoice_id) or {}
        if invoice.get("entity") != self.document.get("entity"):
            raise wrong(f"{path}.doc", invoice_id)
        if known:
            self._delete(sublist.object, link_id)
        due = Decimal(invoice.get("foreigntotal") or 0) - self._applied(invoice_id)
        amount = line.get("foreignamount")
        amount = due if amount is None else Decimal(amount)
        if not 0 < amount <= due:
            sentence = (
                "Error while accessing a resource. The amount to apply is more than"
                f" what is due ({due})."
            )
            raise Refusal(error(400, sentence, "USER_ERROR", path=f"{path}.amount"))
        row = {
            "id": link_id,
            "linktype": "Payment",
            "previousdoc": invoice_id,
            "nextdoc": str(self.document["id"]),
            "foreignamount": amount,
        }
        self._create(sublist.object, row)
        self.settle(invoice_id)

    def _applied(self, invoice_id: str) -> Decimal:
        links = [
            link
            for name in ("payment_application", "credit_application")
            for link in self.store.collection("netsuite", name).find(
                f"{number_of('previousdoc')} = ?", (int(invoice_id),)
            )
        ]
        return sum((Decimal(link["foreignamount"]) for link in links), Decimal(0))

    def settle(self, invoice_id: str) -> None:
        """Say on an invoice whether it is paid."""
        invoice = self.store.collection("netsuite", "invoice").get(invoice_id)
        if invoice is None or invoice.get("status") == "Voided":
            return
        paid = self._applied(invoice_id) >= Decimal(invoice.get("foreigntotal") or 0)
        status = "Paid In Full" if paid else "Open"
        if invoice.get("status") != status:
            self.store.update(
                "netsuite",
                "invoice",
                invoice_id,
                {"status": status},
                actor="api",
                request_id=self.request_id,
            )

    def clear(self) -> None:
        """Take all lines away, because their transaction goes."""
        for sublist in self.kind.sublists:
            for row in self.rows(sublist):
                self._delete(sublist.object, row["id"])
                if sublist.name == "apply":
                    self.settle(str(row["previousdoc"]))
        self._delete("transactionline", f"{self.document['id']}-0")

    def _create(self, name: str, row: Document) -> None:
        self.store.create(
            "netsuite", name, row, actor="api", request_id=self.request_id
        )

    def _delete(self, name: str, row_id: str) -> None:
        self.store.delete(
            "netsuite", name, row_id, actor="api", request_id=self.request_id
        )


def _key_column(sublist: Sublist) -> str:
    return "previousdoc" if sublist.name == "apply" else "linesequencenumber"
