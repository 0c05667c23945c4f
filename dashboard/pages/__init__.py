"""Pages: one module each; a page selects published rows and gives them a shape."""

from types import ModuleType

from dashboard.pages import (
    approvals,
    arr,
    close,
    customer,
    duplicates,
    glossary,
    inbox,
    overview,
    pipeline,
    quote_to_cash,
    retention,
    revenue,
    trace,
    trust,
)

SECTIONS: dict[str, tuple[ModuleType, ...]] = {
    "Numbers": (overview, arr, retention, quote_to_cash, revenue, pipeline),
    "Behind the numbers": (customer, trace, glossary),
    "To decide": (inbox, approvals, duplicates),
    "Trust": (trust, close),
}
