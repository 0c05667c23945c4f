"""Plant: every kind of mistake, each on customers of its own.

No mistake hides another. The company's truth stays as it was; only records change.
"""

from sandbox.company.company import Company
from sandbox.disorder.billing import (
    endless_discounts,
    late_usage,
    missing_erp_invoices,
    second_contracts,
)
from sandbox.disorder.master_data import (
    duplicate_customers,
    payment_failures_not_in_crm,
    sku_mismatches,
    stale_master_data,
    ungranted_support_tiers,
)
from sandbox.disorder.scene import Planted, Scene
from sandbox.documents import Documents

__all__ = ["Planted", "plant"]

# First the kinds to which few customers are open: the later ones take anybody.
KINDS = (
    endless_discounts,
    second_contracts,
    late_usage,
    payment_failures_not_in_crm,
    missing_erp_invoices,
    duplicate_customers,
    ungranted_support_tiers,
    stale_master_data,
    sku_mismatches,
)


def plant(company: Company, documents: Documents, seed: int) -> list[Planted]:
    """Change the documents and return what is wrong in them now.

    ValueError if the company is too small to show every kind.
    """
    scene = Scene(company, documents, seed)
    return [planted for kind in KINDS for planted in kind(scene)]
