"""Documents: the company's facts as each system's own records."""

from sandbox.company.company import Company
from sandbox.netsuite.documents import netsuite_documents
from sandbox.salesforce.documents import salesforce_documents
from sandbox.shapes import Document
from sandbox.stripe.documents import stripe_documents
from sandbox.zendesk.documents import zendesk_documents

Documents = dict[str, dict[str, list[Document]]]


def documents(company: Company) -> Documents:
    """Return {system: {object: [records in the vendor's shape]}}."""
    return {
        "salesforce": salesforce_documents(company),
        "stripe": stripe_documents(company),
        "zendesk": zendesk_documents(company),
        "netsuite": netsuite_documents(company),
    }
