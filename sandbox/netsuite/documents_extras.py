"""NetSuite: what the company's features add: subsidiaries, credits, deposits."""

from sandbox.company.agreed import payment_terms
from sandbox.company.company import Company
from sandbox.company.facts import CreditNote, Customer, Invoice, Payout
from sandbox.company.guise import ADDRESSED
from sandbox.netsuite.documents_ids import (
    FIRST_CUSTOMER,
    address_id,
    credit_id,
    customer_id,
    deposit_id,
    invoice_id,
    payment_id,
    refund_id,
    subsidiary_id,
)
from sandbox.shapes import Document, major, netsuite_time
from sandbox.stripe.documents_ids import credit_note_id, payout_id
from sandbox.stripe.documents_ids import refund_id as stripe_refund_id


def subsidiaries(company: Company) -> list[Document]:
    """Return the legal entities that keep their books here."""
    return [
        {
            "id": subsidiary_id(entity.code),
            "name": entity.name,
            "externalid": entity.code,
            "parent": None if entity.code == "US" else subsidiary_id("US"),
            "country": entity.country,
            "currency": entity.currency,
            "isinactive": "F",
            "iselimination": "F",
            "lastmodifieddate": netsuite_time(company.starts_on),
        }
        for entity in company.entities
    ]


def customer_extras(company: Company, customer: Customer) -> Document:
    """Return subsidiary, parent, address, phone and terms of a customer."""
    extras: Document = {}
    if "entities" in company.features:
        extras["subsidiary"] = subsidiary_id(customer.entity)
    if "hierarchy" in company.features:
        parent = customer.parent_key
        # A parent that another ERP has is none here.
        known = parent in company.customer_by_key and parent in company.contracts_of
        number = 0 if parent is None else int(parent.rpartition(":")[2])
        extras["parent"] = str(FIRST_CUSTOMER + number) if known else None
    if company.features & ADDRESSED:
        extras |= {
            "phone": company.written(customer, "netsuite").phone,
            "defaultbillingaddress": address_id(customer),
        }
    if "terms" in company.features:
        extras |= {"terms": payment_terms(customer), "taxable": "T"}
    return extras


def transaction_extras(company: Company, invoice: Invoice) -> Document:
    """Return the subsidiary in whose books a transaction stands."""
    if "entities" not in company.features:
        return {}
    return {"subsidiary": subsidiary_id(invoice.customer.entity)}


def addresses(company: Company) -> list[Document]:
    """Return the billing address of every customer that has one."""
    rows = []
    for customer in company.customers:
        written = company.written(customer, "netsuite")
        address = written.address
        if address is not None:
            rows.append(
                {
                    "id": address_id(customer),
                    "entity": customer_id(customer),
                    "addressee": written.name,
                    "addr1": address.line1,
                    "addr2": None,
                    "city": address.city,
                    "state": address.region,
                    "zip": address.postal_code,
                    "country": address.country,
                    "lastmodifieddate": netsuite_time(customer.created_on, 11),
                }
            )
    return rows


def credit_objects(company: Company) -> dict[str, list[Document]]:
    """Return credit memos, the refunds that paid them out, and what ties them."""
    pairs = [
        (company.invoice_by_key[note.invoice_key], note)
        for note in company.credit_notes
    ]
    return {
        "creditmemo": [_credit_memo(company, *pair) for pair in pairs],
        "customerrefund": [
            _refund(company, *pair) for pair in pairs if pair[1].refund_key is not None
        ],
        "credit_application": [_applied(*pair) for pair in pairs],
    }


def _credit_memo(company: Company, invoice: Invoice, note: CreditNote) -> Document:
    return {
        "id": credit_id(invoice),
        "type": "CustCred",
        "tranid": note.number,
        "externalid": credit_note_id(note),
        "entity": customer_id(invoice.customer),
        "trandate": note.issued_on.isoformat(),
        "currency": invoice.customer.currency,
        # SuiteQL shows what lowers the receivable with a minus.
        "foreigntotal": major(-note.total_minor, invoice.customer.currency),
        "status": "Fully Applied",
        **transaction_extras(company, invoice),
        "lastmodifieddate": netsuite_time(note.issued_on, 20, 10),
    }


def _refund(company: Company, invoice: Invoice, note: CreditNote) -> Document:
    refund = company.refund_by_invoice[note.invoice_key]
    return {
        "id": refund_id(invoice),
        "type": "CustRfnd",
        "tranid": f"RF-{note.number}",
        "externalid": stripe_refund_id(refund),
        "entity": customer_id(invoice.customer),
        "trandate": refund.made_on.isoformat(),
        "currency": invoice.customer.currency,
        "foreigntotal": major(refund.amount_minor, invoice.customer.currency),
        **transaction_extras(company, invoice),
        "lastmodifieddate": netsuite_time(refund.made_on, 20, 15),
    }


def _applied(invoice: Invoice, note: CreditNote) -> Document:
    """Return the link: the credit lowers the open invoice, or the refund uses it up."""
    paid_out = note.refund_key is not None
    previous = credit_id(invoice) if paid_out else invoice_id(invoice)
    following = refund_id(invoice) if paid_out else credit_id(invoice)
    return {
        "id": f"{previous}-{following}",
        "linktype": "Payment",
        "previousdoc": previous,
        "nextdoc": following,
        "foreignamount": major(note.total_minor, invoice.customer.currency),
    }


def deposit_objects(company: Company) -> dict[str, list[Document]]:
    """Return a deposit for each payout, and which payments it brought to the bank."""
    links = []
    for place, payout in enumerate(company.payouts):
        for member in payout.members:
            if member.kind == "charge":
                invoice = company.invoice_by_key[member.key]
                links.append(_deposited(invoice, deposit_id(place)))
    return {
        "deposit": [
            _deposit(company, place, payout)
            for place, payout in enumerate(company.payouts)
        ],
        "deposit_application": links,
    }


def _deposit(company: Company, place: int, payout: Payout) -> Document:
    extras: Document = {}
    if "entities" in company.features:
        extras["subsidiary"] = subsidiary_id(payout.entity)
    fees = sum(member.fee_minor for member in payout.members)
    fees -= sum(each.amount_minor for each in payout.members if each.kind == "fee")
    return {
        "id": deposit_id(place),
        "type": "Deposit",
        "tranid": f"DEP{place + 1:06}",
        "externalid": payout_id(payout),
        "entity": None,
        "trandate": payout.paid_on.isoformat(),
        "currency": payout.currency,
        "foreigntotal": major(payout.amount_minor, payout.currency),
        "custbody_processing_fees": major(fees, payout.currency),
        **extras,
        "lastmodifieddate": netsuite_time(payout.paid_on, 21),
    }


def _deposited(invoice: Invoice, deposit: str) -> Document:
    payment = payment_id(invoice)
    return {
        "id": f"{payment}-{deposit}",
        "linktype": "Deposit",
        "previousdoc": payment,
        "nextdoc": deposit,
        "foreignamount": major(invoice.total_minor, invoice.customer.currency),
    }
