"""Disorder in contracts and billing: what goes wrong between quote and cash."""

from collections.abc import Iterator
from dataclasses import replace

from sandbox.company.billing import discounted
from sandbox.company.catalogue import Charge
from sandbox.company.days import plus
from sandbox.company.facts import (
    Basis,
    Contract,
    Customer,
    Deal,
    Invoice,
    InvoiceLine,
    Kind,
    UsageDay,
)
from sandbox.disorder.scene import Planted, Scene
from sandbox.netsuite.documents import (
    application_document,
    invoice_document,
    payment_document,
)
from sandbox.netsuite.documents import invoice_id as netsuite_invoice_id
from sandbox.salesforce.documents import (
    contract_document,
    contract_id,
    opportunity_id,
    quote_id,
    subscription_id,
)
from sandbox.stripe.documents import coupon, usage_summary
from sandbox.stripe.documents_ids import invoice_id
from sandbox.stripe.documents_ids import subscription_id as stripe_subscription_id
from sandbox.stripe.documents_invoices import invoice_objects
from sandbox.stripe.documents_subscriptions import coupon_id, discount_document

# Long enough ago that nobody can say the ERP is only a few days behind.
ERP_OVERDUE_DAYS = 7


def endless_discounts(scene: Scene) -> Iterator[Planted]:
    """The coupon was entered without an end, and each invoice since is too low."""
    company = scene.company

    def since(customer: Customer) -> list[Invoice]:
        return [
            invoice
            for contract in company.in_force(customer)
            for invoice in company.invoices_of[customer.key]
            if invoice.contract_key == contract.key
            and contract.discount is not None
            and contract.discount.ends_before <= invoice.issued_on
        ]

    def suits(customer: Customer) -> bool:
        invoices = company.invoices_of[customer.key]
        refunded = any(each.key in company.refund_by_invoice for each in invoices)
        return bool(since(customer)) and not refunded

    for customer in scene.pick("endless_discount", 4, suits):
        invoices = since(customer)
        contract = company.contract_by_key[invoices[0].contract_key]
        discount = contract.discount
        if discount is None:
            continue
        endless = coupon_id(discount.percent, None)
        if not scene.has("stripe", "coupon", endless):
            scene.add("stripe", "coupon", coupon(company, discount.percent, None, 1))
        subscription = stripe_subscription_id(contract.key)
        scene.record("stripe", "subscription", subscription)["discounts"] = [
            discount_document(contract, discount, None)
        ]
        for invoice in invoices:
            lines = tuple(
                replace(line, discount_minor=discounted(line.amount_minor, discount))
                if line.basis is Basis.RECURRING
                else line
                for line in invoice.lines
            )
            _bill_again(scene, replace(invoice, lines=lines))
        yield Planted(
            "endless_discount",
            "stripe",
            "subscription",
            subscription,
            "discounts",
            None,
            endless,
            f"approval: the contract's {discount.months} months of discount ended on"
            f" {discount.ends_before}; {len(invoices)} invoices since then are too low",
        )


def _bill_again(scene: Scene, invoice: Invoice) -> None:
    """Put the invoice and its payment in place of those with the right amounts."""
    for name, document in invoice_objects(scene.company, invoice):
        scene.put("stripe", name, document)
    scene.put("netsuite", "invoice", invoice_document(invoice))
    if invoice.paid_on is not None:
        scene.put("netsuite", "payment", payment_document(invoice))
        scene.put("netsuite", "payment_application", application_document(invoice))


def second_contracts(scene: Scene) -> Iterator[Planted]:
    """Units were added by a new quote, which made a contract beside the first one."""
    company = scene.company

    def amendments(customer: Customer) -> list[tuple[Contract, Deal]]:
        return [
            (contract, deal)
            for contract in company.in_force(customer)
            for deal in company.deals
            if deal.contract_key == contract.key
            and deal.kind is Kind.AMENDMENT
            and deal.is_won
            and _same_product(contract, deal)
        ]

    amended = {
        deal.customer.key
        for deal in company.deals
        if deal.kind is Kind.AMENDMENT and deal.is_won
    }

    def suits(customer: Customer) -> bool:
        return customer.key in amended and bool(amendments(customer))

    number = max(contract.number for contract in company.contracts)
    for customer in scene.pick("second_contract", 4, suits):
        contract, deal = amendments(customer)[-1]
        number += 1
        second = replace(
            contract,
            key=f"{contract.key}:second",
            number=number,
            deal_key=deal.key,
            starts_on=deal.starts_on,
        )
        quote = scene.record("salesforce", "SBQQ__Quote__c", quote_id(deal.key))
        quote |= {"SBQQ__Type__c": "Quote", "SBQQ__MasterContract__c": None}
        opportunity = scene.record(
            "salesforce", "Opportunity", opportunity_id(deal.key)
        )
        opportunity["Type"] = str(Kind.NEW)
        document = contract_document(company, second)
        scene.add("salesforce", "Contract", document)
        for line in contract.lines:
            if line.deal_key == deal.key:
                row = scene.record(
                    "salesforce", "SBQQ__Subscription__c", subscription_id(line.key)
                )
                row["SBQQ__Contract__c"] = document["Id"]
        yield Planted(
            "second_contract",
            "salesforce",
            "Contract",
            document["Id"],
            "Master_Contract__c",
            contract_id(contract.key),
            None,
            f"approval: contract {number:08} is an amendment of {contract.number:08}",
        )


def _same_product(contract: Contract, deal: Deal) -> bool:
    held = {line.sku for line in contract.lines if line.starts_on < deal.starts_on}
    recurring = [line for line in contract.lines if line.deal_key == deal.key]
    return any(
        line.sku in held and line.charge is Charge.RECURRING for line in recurring
    )


def late_usage(scene: Scene) -> Iterator[Planted]:
    """A day of usage arrived when the invoice of its month was already finalised."""
    company = scene.company

    def metered(customer: Customer) -> list[tuple[Invoice, InvoiceLine]]:
        return [
            (invoice, line)
            for invoice in company.invoices_of[customer.key]
            for line in invoice.lines
            if line.basis is Basis.USAGE and invoice.status != "void"
        ]

    for customer in scene.pick("late_usage", 5, lambda each: bool(metered(each))):
        invoice, line = scene.rng.choice(metered(customer)[-3:])
        used = {
            day.on
            for day in company.usage
            if day.customer.key == customer.key and day.sku == line.price.sku
        }
        length = (line.ends_before - line.starts_on).days
        free = [plus(line.starts_on, offset) for offset in range(length)]
        day = scene.rng.choice([each for each in free if each not in used])
        units = scene.rng.randint(100, 2_000)
        late = UsageDay(customer, invoice.contract_key, line.price.sku, day, units)
        document = usage_summary(company, late)
        scene.add("stripe", "billing.meter_event_summary", document)
        yield Planted(
            "late_usage",
            "stripe",
            "invoice",
            invoice_id(invoice),
            "quantity",
            line.quantity + units,
            line.quantity,
            f"approval: {units} units of {line.price.sku} used on {day} came after the"
            f" invoice: {units * line.price.unit_minor} {customer.currency} minor units"
            f" on meter {document['meter']}",
        )


def missing_erp_invoices(scene: Scene) -> Iterator[Planted]:
    """An open invoice never reached the ERP."""
    company = scene.company
    overdue = plus(company.as_of, -ERP_OVERDUE_DAYS)

    def unpaid(customer: Customer) -> list[Invoice]:
        return [
            invoice
            for invoice in company.invoices_of[customer.key]
            if invoice.status == "open"
            and not invoice.failed
            and invoice.issued_on <= overdue
        ]

    for customer in scene.pick("missing_erp_invoice", 7, lambda c: bool(unpaid(c))):
        invoice = unpaid(customer)[0]
        scene.remove("netsuite", "invoice", netsuite_invoice_id(invoice))
        yield Planted(
            "missing_erp_invoice",
            "stripe",
            "invoice",
            invoice_id(invoice),
            None,
            None,
            None,
            f"approval: invoice {invoice.number} is not in NetSuite",
        )
