"""Documents: the company's facts as each system's own records."""

from sandbox.company import Company
from sandbox.documents_netsuite import netsuite_documents
from sandbox.documents_salesforce import salesforce_documents
from sandbox.documents_stripe import stripe_documents
from sandbox.documents_zendesk import zendesk_documents
from sandbox.shapes import Document

Documents = dict[str, dict[str, list[Document]]]


def documents(company: Company) -> Documents:
    """Return {system: {object: [records in the vendor's shape]}}."""
    return {
        "salesforce": salesforce_documents(company),
        "stripe": stripe_documents(company),
        "zendesk": zendesk_documents(company),
        "netsuite": netsuite_documents(company),
    }
