"""Page: what the sandbox holds, on one sheet, for people."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from sandbox.faultdoor import Trace
from sandbox.faults import Fault
from sandbox.store import Store, Write

LAST_WRITES = 20
_STYLE = """
:root { color-scheme: light dark;
  --line: color-mix(in srgb, currentColor 18%, transparent);
  --quiet: color-mix(in srgb, currentColor 62%, transparent); }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 68rem; margin: 2rem auto;
  padding: 0 1.25rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
p { margin: .25rem 0; color: var(--quiet); }
.grid { display: grid; gap: 1rem 2.5rem;
  grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); }
table { border-collapse: collapse; width: 100%; } .wide { overflow-x: auto; }
th { text-align: left; font-weight: 600; padding: .3rem .75rem .3rem 0;
  border-bottom: 2px solid var(--line); }
td { padding: .2rem .75rem .2rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
td.n, th.n { text-align: right; padding-right: 0; font-variant-numeric: tabular-nums; }
code { font: 13px ui-monospace, monospace; overflow-wrap: anywhere; }
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
    company = store.setting("company") or "a company made by hand"
    vendors = "".join(
        f"<div>{_table((system, ''), objects.items())}</div>"
        for system, objects in sorted(counts.items())
        if objects
    )
    conditions = [
        (f"{system}.{name}", value)
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
    writes = store.last_writes(LAST_WRITES)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sandbox</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>{_STYLE}</style></head><body>
<h1>Sandbox</h1>
<p>The vendors believe it is {escape(now)}. Company: {escape(company)}
(seed/customers/months/last day).</p>
<h2>Records</h2><div class="grid">{vendors}</div>
<h2>Planted mistakes</h2>{_table(("kind", "planted"), sorted(planted.items()))}
<h2>Conditions that differ from the vendor's own</h2>
{_table(("condition", "value"), conditions)}
<h2>Faults that wait</h2>{_table(("fault", "times left"), faults)}
<h2>Last writes</h2>{_writes(writes)}
<h2>Trace</h2><p>{escape(_traced(trace))}</p>
</body></html>"""


def _traced(trace: Trace) -> str:
    if not trace.is_on:
        return "Not begun: POST /_sandbox/trace begins one."
    return f"{trace.exchanges} exchanges, SHA-256 {trace.digest}"


def _table(head: tuple[str, str], rows: Iterable[tuple[str, Any]]) -> str:
    body = "".join(
        f'<tr><td>{escape(name)}</td><td class="n">{escape(_shown(value))}</td></tr>'
        for name, value in rows
    )
    if not body:
        return "<p>None.</p>"
    return (
        f'<table><thead><tr><th scope="col">{escape(head[0])}</th>'
        f'<th scope="col" class="n">{escape(head[1])}</th></tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def _shown(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _writes(writes: Iterable[Write]) -> str:
    body = "".join(
        f"<tr><td>{write.at:%Y-%m-%d %H:%M:%S}</td><td>{escape(write.actor)}</td>"
        f"<td>{escape(write.system)} {escape(write.object)}</td>"
        f"<td><code>{escape(write.id)}</code></td><td>{_what(write)}</td></tr>"
        for write in writes
    )
    if not body:
        return "<p>None yet.</p>"
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
