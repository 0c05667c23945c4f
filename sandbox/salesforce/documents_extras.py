"""Salesforce: the fields that a feature of the company adds to a record.

A company without the feature has none of the fields, as an org that never made them.
"""

from sandbox.company.agreed import (
    NOTICE_DAYS,
    needs_purchase_order,
    payment_terms,
    purchase_order,
)
from sandbox.company.company import Company
from sandbox.company.days import months_between, plus
from sandbox.company.facts import Contract, Customer, Deal, DealLine, Kind
from sandbox.company.guise import ADDRESSED
from sandbox.identifiers import salesforce_id
from sandbox.salesforce.documents_ids import quote_line_id
from sandbox.shapes import Document, major


def account_extras(company: Company, customer: Customer) -> Document:
    """Return address, parent, segment and selling entity of an account."""
    extras: Document = {}
    address = company.written(customer, "salesforce").address
    if company.features & ADDRESSED and address is not None:
        extras |= {
            "BillingStreet": address.line1,
            "BillingCity": address.city,
            "BillingState": address.region,
            "BillingPostalCode": address.postal_code,
            "Phone": company.written(customer, "salesforce").phone,
        }
    if "hierarchy" in company.features:
        parent = customer.parent_key
        extras["ParentId"] = (
            None if parent is None else salesforce_id("Account", parent)
        )
    if "segments" in company.features:
        extras |= {"Industry": customer.industry, "Segment__c": customer.segment}
    if "entities" in company.features:
        extras["Entity__c"] = customer.entity
    if "terms" in company.features:
        extras["PO_Required__c"] = needs_purchase_order(customer)
    return extras


def opportunity_extras(company: Company, deal: Deal) -> Document:
    """Return the risk that customer success sees for a renewal."""
    if "terms" not in company.features:
        return {}
    is_renewal = deal.kind is Kind.RENEWAL and not deal.is_closed
    score = company.latest_health.get(deal.customer.key) if is_renewal else None
    return {"Renewal_Risk__c": None if score is None else score.risk}


def quote_extras(company: Company, deal: Deal) -> Document:
    """Return payment terms, and who consented to the discount."""
    extras: Document = {}
    if "terms" in company.features:
        extras["SBQQ__PaymentTerms__c"] = payment_terms(deal.customer)
    if "lifecycle" not in company.features:
        return extras
    # Salesforce's approvals package asks each org for a status field of its own; the
    # other three are how orgs usually show who consented. The last consent is the
    # highest.
    last = deal.approvals[-1] if deal.approvals else None
    return extras | {
        "ApprovalStatus__c": "Approved" if deal.is_won or last else "Pending",
        "Approved_By__c": None if last is None else last.by,
        "Approved_On__c": None if last is None else last.on.isoformat(),
        "Approval_Reason__c": None if last is None else last.reason,
    }


def quote_line_extras(company: Company, line: DealLine) -> Document:
    """Return the days of a ramp's step, and the bundle that a line belongs to."""
    extras: Document = {}
    if "lifecycle" in company.features:
        ends = line.ends_before
        extras |= {
            "SBQQ__StartDate__c": line.starts_on and line.starts_on.isoformat(),
            "SBQQ__EndDate__c": ends and plus(ends, -1).isoformat(),
        }
    if "bundles" in company.features:
        bundle = line.bundle_key
        extras |= {
            "SBQQ__Bundle__c": line.sku.startswith("BND-"),
            "SBQQ__RequiredBy__c": None if bundle is None else quote_line_id(bundle),
        }
    return extras


def contract_extras(company: Company, contract: Contract) -> Document:
    """Return term, trial, pause, commitment and the reason of an early end."""
    extras: Document = {}
    if "lifecycle" in company.features:
        trial = contract.trial
        pause = contract.pauses[0] if contract.pauses else None
        extras |= {
            "ContractTerm": months_between(
                contract.starts_on, contract.term_ends_before
            ),
            "Cancel_Reason__c": contract.cancel_reason,
            "Trial_Start__c": None if trial is None else trial.starts_on.isoformat(),
            "Paused_From__c": None if pause is None else pause.starts_on.isoformat(),
            "Paused_Until__c": None if pause is None else pause.resumes_on.isoformat(),
        }
    if "tiers" in company.features:
        least = sum(commit.minimum_minor for commit in contract.commits)
        extras["Monthly_Commit__c"] = major(least, contract.customer.currency)
    if "terms" in company.features:
        extras |= {
            "PO_Number__c": purchase_order(contract),
            "Auto_Renewal__c": contract.in_force(company.as_of),
            "Renewal_Notice_Days__c": NOTICE_DAYS,
        }
    return extras
