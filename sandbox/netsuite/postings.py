"""Postings: what transactions have besides a record: lines, payments, a period."""

from decimal import Decimal

from sandbox.netsuite.fields import missing
from sandbox.netsuite.lines import Lines
from sandbox.netsuite.record_types import RecordType
from sandbox.netsuite.shapes import error
from sandbox.netsuite.tables import TYPES, number_of
from sandbox.netsuite.wanted import Call, names_in
from sandbox.store import Document, Store
from sandbox.wire import Refusal

# What a journal is by its `approved`; only the second is in the ledger.
_APPROVAL = {"F": "Pending Approval", "T": "Approved for Posting"}


class Postings:
    """The transactions of one account."""

    def __init__(self, store: Store) -> None:
        """Post to the store."""
        self.store = store

    def defaults(self, kind: RecordType, record_id: str, fields: Document) -> Document:
        """Return what NetSuite fills in where a new transaction says nothing."""
        today = self.store.clock.now().date().isoformat()
        customers = self.store.collection("netsuite", "customer")
        customer = customers.get(fields.get("entity", "")) or {}
        defaults: Document = {
            "type": kind.transaction,
            "tranid": f"{kind.prefix}{record_id}",
            "trandate": today,
            "currency": customer.get("currency", "USD"),
        }
        if kind.transaction in ("CustInvc", "CustCred"):
            defaults["status"] = "Open"
        if kind.transaction == "Journal":
            defaults["approved"] = "T"
        if kind.transaction == "CustInvc":
            defaults["duedate"] = fields.get("trandate") or today
        return defaults

    def keep_lines(
        self,
        kind: RecordType,
        call: Call,
        document: Document,
        before: Document,
        request_id: str,
    ) -> None:
        """Write a transaction's lines, and what they come to into the document."""
        if kind.transaction == "Journal" and document.get("approved"):
            document["status"] = _APPROVAL[document["approved"]]
        lines = Lines(self.store, kind, document, request_id)
        replaced = names_in(call.query.get("replace"))
        for name in replaced:
            if kind.sublist(name) is None:
                sentence = f"Invalid value for replace: '{name[:100]}'."
                raise Refusal(
                    error(400, sentence, "INVALID_PARAMETER", parameter="replace")
                )
        posted = kind.sublists[0]
        named = posted.name in call.body
        if posted.name == "item":
            if not named and not before:
                raise missing("item")
            if named:
                self._keep_items(lines, call, before, replaced)
        elif posted.name == "line" and (named or not before):
            self._keep_journal(lines, call, replaced)
        self._keep_applications(kind, call, lines, document, replaced)

    def _keep_items(
        self, lines: Lines, call: Call, before: Document, replaced: tuple[str, ...]
    ) -> None:
        sublist = lines.kind.sublists[0]
        old = lines.total(sublist)
        whole = "item" in replaced
        lines.write(sublist, call.body["item"], replace=whole, strict=call.strict)
        total = lines.total(sublist)
        if before and not whole:
            # What a transaction had beside its lines it keeps.
            total -= lines.sign * Decimal(before.get("foreigntotal") or 0) + old
        lines.document["foreigntotal"] = -lines.sign * total
        lines.main(lines.document["foreigntotal"])

    def _keep_journal(
        self, lines: Lines, call: Call, replaced: tuple[str, ...]
    ) -> None:
        (sublist,) = lines.kind.sublists
        lines.write(
            sublist,
            call.body.get("line"),
            replace="line" in replaced,
            strict=call.strict,
        )
        rows = lines.rows(sublist)
        debits = [Decimal(row["debit"]) for row in rows if row.get("debit")]
        lines.document["foreigntotal"] = sum(debits, Decimal(0))
        if lines.balance() != 0 or not rows:
            sentence = (
                "Error while accessing a resource. The amounts in a journal entry must"
                " balance."
            )
            raise Refusal(error(400, sentence, "USER_ERROR", path="line"))

    def _keep_applications(
        self,
        kind: RecordType,
        call: Call,
        lines: Lines,
        document: Document,
        replaced: tuple[str, ...],
    ) -> None:
        sublist = kind.sublist("apply")
        if sublist is None:
            return
        if "apply" in call.body:
            lines.write(
                sublist,
                call.body["apply"],
                replace="apply" in replaced,
                strict=call.strict,
            )
        applied = sum(
            (Decimal(row["foreignamount"]) for row in lines.rows(sublist)), Decimal(0)
        )
        if document.get("foreigntotal") is None:
            if not applied:
                raise missing("payment")
            document["foreigntotal"] = applied
        if applied > abs(Decimal(document["foreigntotal"])):
            sentence = (
                "Error while accessing a resource. You cannot apply more than your"
                " total payments."
            )
            raise Refusal(error(400, sentence, "USER_ERROR", path="apply"))

    def depend(self, kind: RecordType, record_id: str) -> bool:
        """Say whether other records point to this one."""
        dependents = {
            "customer": tuple((name, "entity") for name in TYPES),
            "item": (("transactionline", "item"),),
            "invoice": (("payment_application", "previousdoc"),),
        }.get(kind.object, ())
        return any(
            self.store.collection("netsuite", name).select(
                "1",
                f"{number_of(path)} = ?",
                (int(record_id),),
                limit=1,
            )
            for name, path in dependents
        )
