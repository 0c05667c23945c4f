"""Disputes: a cardholder wants the money back, and who gets it in the end."""

from sandbox.store import Document
from sandbox.stripe import charges
from sandbox.stripe.books import Books
from sandbox.stripe.parameters import (
    EXPAND,
    Fields,
    checked,
    flag,
    group,
    merged,
    metadata,
    text,
)
from sandbox.stripe.shapes import Params, invalid

# stripe.com/pricing: 15 dollars for each dispute, kept if it is lost.
FEE = 1500
# docs.stripe.com/disputes: a cardholder's bank waits 7 to 21 days for evidence.
ANSWER_WITHIN_SECONDS = 9 * 86_400
_TEXTS = (
    *("access_activity_log", "billing_address", "cancellation_policy"),
    *("cancellation_policy_disclosure", "cancellation_rebuttal"),
    *("customer_communication", "customer_email_address", "customer_name"),
    *("customer_purchase_ip", "customer_signature"),
    *("duplicate_charge_documentation", "duplicate_charge_explanation"),
    *("duplicate_charge_id", "product_description", "receipt", "refund_policy"),
    *("refund_policy_disclosure", "refund_refusal_explanation", "service_date"),
    *("service_documentation", "shipping_address", "shipping_carrier"),
    *("shipping_date", "shipping_documentation", "shipping_tracking_number"),
    *("uncategorized_file", "uncategorized_text"),
)
_EVIDENCE: Fields = dict.fromkeys(_TEXTS, text(longest=20_000))
# These words decide a test dispute, as docs.stripe.com/testing says of evidence.
_DECIDED = {"winning_evidence": "won", "losing_evidence": "lost"}


def opened(books: Books, charge: Document, reason: str) -> Document:
    """Return a new dispute of a charge; its money is held back at once."""
    dispute_id = books.new_id("du_")
    at = charge["created"]
    held = charges.entry(
        books,
        -charge["amount"],
        charge["currency"],
        "adjustment",
        dispute_id,
        fee=FEE,
        created=at,
        category="dispute",
        description=f"Chargeback withdrawal for {charge['id']}",
    )
    dispute = books.create(
        {
            "id": dispute_id,
            "object": "dispute",
            "amount": charge["amount"],
            "balance_transactions": [held],
            "charge": charge["id"],
            "created": at,
            "currency": charge["currency"],
            "enhanced_eligibility_types": [],
            "evidence": {**dict.fromkeys(_TEXTS), "enhanced_evidence": {}},
            "evidence_details": {
                "due_by": at + ANSWER_WITHIN_SECONDS,
                "enhanced_eligibility": {},
                "has_evidence": False,
                "past_due": False,
                "submission_count": 0,
            },
            "is_charge_refundable": False,
            "livemode": False,
            "metadata": {},
            "payment_intent": charge["payment_intent"],
            "payment_method_details": {
                "card": {
                    "brand": charge["payment_method_details"]["card"]["brand"],
                    "case_type": "chargeback",
                    "network": charge["payment_method_details"]["card"]["brand"],
                    "network_reason_code": "10",
                },
                "type": "card",
            },
            "reason": reason,
            "status": "needs_response",
        }
    )
    books.update(charge, disputed=True)
    return dispute


def update(books: Books, given: Params, dispute_id: str) -> Document:
    """Add evidence, and send it to the bank unless that is to wait."""
    params = checked(
        given,
        {**EXPAND, "evidence": group(_EVIDENCE), "metadata": metadata, "submit": flag},
    )
    dispute = books.need("dispute", dispute_id)
    fields: Document = {}
    if "metadata" in params:
        fields["metadata"] = merged(dispute["metadata"], params["metadata"])
    if "evidence" in params or params.get("submit"):
        _check_open(dispute)
        evidence = {**dispute["evidence"], **(params.get("evidence") or {})}
        details = dict(dispute["evidence_details"])
        details["has_evidence"] = any(evidence[name] for name in _TEXTS)
        fields |= {"evidence": evidence, "evidence_details": details}
        if params.get("submit", True):
            details["submission_count"] += 1
            verdict = _DECIDED.get(str(evidence["uncategorized_text"]))
            fields["status"] = verdict or "under_review"
            if verdict == "won":
                fields["balance_transactions"] = _returned(books, dispute)
    return books.update(dispute, **fields)


def _returned(books: Books, dispute: Document) -> list[Document]:
    back = charges.entry(
        books,
        dispute["amount"],
        dispute["currency"],
        "adjustment",
        dispute["id"],
        fee=-FEE,
        category="dispute_reversal",
        description=f"Chargeback reversal for {dispute['charge']}",
    )
    return [*dispute["balance_transactions"], back]


def close(books: Books, given: Params, dispute_id: str) -> Document:
    """Accept a dispute: the cardholder keeps the money."""
    checked(given, EXPAND)
    dispute = books.need("dispute", dispute_id)
    _check_open(dispute)
    return books.update(dispute, status="lost")


def _check_open(dispute: Document) -> None:
    if dispute["status"] in ("won", "lost", "warning_closed", "prevented"):
        sentence = (
            f"This dispute is already closed with a status of {dispute['status']}."
        )
        raise invalid(sentence)
