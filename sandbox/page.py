"""Page: what the sandbox holds, on one sheet, for people."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any
from urllib.parse import quote

from sandbox.company.features import ALL_FEATURES
from sandbox.faultdoor import Trace
from sandbox.faults import Fault
from sandbox.store import Store, Write

LAST_WRITES = 20
_SHOWN = 25  # records behind a link
_TITLES = {
    "business_central": "Business Central",
    "hubspot": "HubSpot",
    "netsuite": "NetSuite",
    "product": "The product itself",
}
_COMPANY = ("seed", "customers", "months", "last day", "disorder")
_LINKS = ("truth", "identity", "journal", "health", "conditions", "clock", "trace")
_STYLE = """
:root { color-scheme: light dark; --ink: #1c1d21; --ground: #fff; --card: #f6f6f8;
  --line: #dcdde3; --quiet: #5d6069; --link: #1d4fc4; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7e8ec; --ground: #131417;
  --card: #1c1e23; --line: #33363e; --quiet: #a0a4b0; --link: #8fb2ff; } }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 0 auto;
  padding: 2rem 1.25rem 4rem; color: var(--ink); background: var(--ground); }
h1 { font-size: 1.5rem; line-height: 1.2; margin: 0; }
h2 { font-size: 1.1rem; margin: 2.5rem 0 .75rem; }
h3 { font-size: 1rem; margin: 0; display: flex; justify-content: space-between; }
a { color: var(--link); text-decoration: none; } a:hover { text-decoration: underline; }
p { margin: .25rem 0; } .quiet, h3 span { color: var(--quiet); font-weight: 400; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .75rem 0 1.5rem; }
dl { display: flex; flex-wrap: wrap; gap: .75rem 2rem; margin: 0; }
dt { color: var(--quiet); font-size: 13px; }
dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.cards { columns: 19rem; column-gap: 1.25rem; }
.card { break-inside: avoid; background: var(--card); border: 1px solid var(--line);
  border-radius: .5rem; padding: .75rem 1rem; margin: 0 0 1.25rem; }
.card p { font-size: 13px; margin-top: .5rem; overflow-wrap: anywhere; }
.two { display: grid; gap: 0 2.5rem;
  grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); }
table { border-collapse: collapse; width: 100%; }
.wide { overflow-x: auto; }
th { text-align: left; color: var(--quiet); font-size: 13px; font-weight: 400; }
th, td { padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
tr:last-child td { border-bottom: 0; }
td { overflow-wrap: anywhere; } .wide td { white-space: nowrap; }
.n { text-align: right; padding-right: 0; font-variant-numeric: tabular-nums;
  white-space: nowrap; }
code { font: 13px ui-monospace, monospace; }
"""


def page(
    store: Store,
    counts: Mapping[str, Mapping[str, int]],
    planted: Mapping[str, int],
    waiting: Iterable[Fault],
    trace: Trace,
) -> str:
    """Return the sheet as HTML.

    Args:
        store: the records, conditions, clock and journal.
        counts: records by system and object.
        planted: mistakes by kind.
        waiting: the planned faults.
        trace: of the bytes on the wire.
    """
    now = store.clock.now().strftime("%Y-%m-%d %H:%M:%S UTC")
    runs = "and runs" if store.clock.runs else "and stands"
    total = sum(sum(objects.values()) for objects in counts.values())
    links = "".join(f'<a href="{each}">{each}</a>' for each in _LINKS)
    cards = "".join(
        _card(store, system, objects)
        for system, objects in sorted(counts.items(), key=lambda each: _title(each[0]))
        if objects
    )
    conditions = [
        (f"{_title(system)}: {name}", _said(value))
        for system, held in sorted(store.conditions.items())
        for name, value in sorted(held.items())
    ]
    faults = [
        (
            f"{fault.kind} {fault.method} {fault.system}/{fault.path_contains}",
            f"{fault.times} times",
        )
        for fault in waiting
    ]
    mistakes = _table(("kind", "planted"), sorted(planted.items()), number=True)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sandbox</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>{_STYLE}</style></head><body>
<h1>Sandbox</h1>
<p class="quiet">The vendors' clock says {escape(now)} {runs}.</p>
<nav aria-label="As JSON">{links}</nav>
{_company(store.setting("company"))}
<h2>{total:,} records</h2><div class="cards">{cards}</div>
<div class="two">
<section><h2>{sum(planted.values()):,} planted mistakes</h2>{mistakes}</section>
<section><h2>Conditions other than the vendor's own</h2>
{_table(("condition", "value"), conditions)}
<h2>Faults that wait</h2>{_table(("fault", "times left"), faults, number=True)}
<h2>Trace</h2><p class="quiet">{escape(_traced(trace))}</p></section>
</div>
<h2>Last writes</h2>{_writes(store.last_writes(LAST_WRITES))}
</body></html>"""


def _company(name: str | None) -> str:
    if name is None:
        return '<p class="quiet">The company was made by hand.</p>'
    values = name.split("/")
    told = dict(zip(_COMPANY, values, strict=False))
    for more in values[len(_COMPANY) :]:
        if more.endswith(" events"):
            told["usage events"] = more.removesuffix(" events")
        else:
            features = frozenset(more.split("+"))
            told["features"] = (
                "all" if features == ALL_FEATURES else ", ".join(sorted(features))
            )
    told.setdefault("features", "none")
    items = "".join(
        f"<div><dt>{escape(key)}</dt><dd>{escape(_grouped(key, value))}</dd></div>"
        for key, value in told.items()
    )
    return f"<dl>{items}</dl>"


def _grouped(key: str, value: str) -> str:
    counted = key != "seed" and value.isdecimal()
    return f"{int(value):,}" if counted else value


def _title(system: str) -> str:
    return _TITLES.get(system, system.capitalize())


def _card(store: Store, system: str, objects: Mapping[str, int]) -> str:
    rows = "".join(
        f'<tr><td><a href="records/{quote(system)}/{quote(name)}?limit={_SHOWN}">'
        f'{escape(store.shown(system, name))}</a></td><td class="n">{count:,}</td></tr>'
        for name, count in objects.items()
        if count
    )
    empty = [store.shown(system, name) for name, count in objects.items() if not count]
    without = (
        f'<p class="quiet">None yet: {escape(", ".join(empty))}</p>' if empty else ""
    )
    return (
        f'<section class="card"><h3>{escape(_title(system))}'
        f"<span>{sum(objects.values()):,}</span></h3>"
        f"<table><tbody>{rows}</tbody></table>{without}</section>"
    )


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_said(each)}" for name, each in value.items())
    return str(value)


def _traced(trace: Trace) -> str:
    if not trace.is_on:
        return "Not begun: POST /_sandbox/trace begins one."
    return f"{trace.exchanges} exchanges, SHA-256 {trace.digest}"


def _table(
    head: tuple[str, str], rows: Iterable[tuple[str, Any]], *, number: bool = False
) -> str:
    kind = ' class="n"' if number else ""
    body = "".join(
        f"<tr><td>{escape(name)}</td><td{kind}>{escape(_shown(value))}</td></tr>"
        for name, value in rows
    )
    if not body:
        return '<p class="quiet">None.</p>'
    return (
        f'<table><thead><tr><th scope="col">{escape(head[0])}</th>'
        f'<th scope="col"{kind}>{escape(head[1])}</th></tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def _shown(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _writes(writes: Iterable[Write]) -> str:
    body = "".join(
        f"<tr><td>{write.at:%Y-%m-%d %H:%M:%S}</td><td>{escape(write.actor)}</td>"
        f"<td>{escape(_title(write.system))} {escape(write.object)}</td>"
        f"<td><code>{escape(write.id)}</code></td><td>{_what(write)}</td></tr>"
        for write in writes
    )
    if not body:
        return '<p class="quiet">None yet.</p>'
    heads = "".join(
        f'<th scope="col">{name}</th>' for name in ("at", "who", "object", "id", "what")
    )
    return (
        f'<div class="wide"><table><thead><tr>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _what(write: Write) -> str:
    if write.before is None:
        return "created"
    return "deleted" if write.after is None else "changed"
