"""Markup: headings, tables, cards and pictures of the pack; every text is escaped."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

NONE = "\N{EM DASH}"

# Letters, lines and colours only: the page fetches nothing, on paper or in a browser.
STYLE = """
@page { size: A4 landscape; margin: 12mm 14mm 16mm;
  @bottom-left { content: string(from); font: 7.5pt sans-serif; color: #5b6478 }
  @bottom-right { content: counter(page) " / " counter(pages);
    font: 7.5pt sans-serif; color: #5b6478 } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 70rem; padding: 1rem; color: #1c2333;
  font: 10.5pt/1.4 sans-serif; background: #fff }
@media print { body { max-width: none; padding: 0; font-size: 8.5pt } }
section { break-before: page; margin-top: 2.5rem }
section:first-of-type { break-before: avoid; margin-top: 0 }
@media print { section { margin-top: 0 } }
h1 { font-size: 1.9em; margin: 0 0 .3em }
h2 { font-size: 1.5em; margin: 0 0 .5em; border-bottom: 2px solid #2f5bea }
h3 { font-size: 1.05em; margin: 1.2em 0 .3em }
p { margin: 0 0 .6em } .quiet, figcaption { color: #5b6478 }
.cards { display: flex; flex-wrap: wrap; gap: .7em; padding: 0; margin: 0 0 1em }
.cards li { flex: 1 1 9em; list-style: none; border: 1px solid #dfe3ec;
  border-radius: 6px; padding: .6em .8em }
.cards b { display: block; font-size: 1.8em; font-weight: 600; line-height: 1.25 }
.wide { overflow-x: auto }
table { border-collapse: collapse; width: 100%; margin: 0 0 .8em }
caption { text-align: left; font-weight: 600; padding: .5em 0 .3em }
th, td { text-align: left; padding: .22em .6em .22em 0; vertical-align: top;
  border-bottom: 1px solid #dfe3ec; font-weight: 400 }
thead th { border-bottom: 1.5px solid #1c2333; font-weight: 600 }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.even { table-layout: fixed }
tr { break-inside: avoid } figure { margin: 0 0 .6em }
img { max-width: 100%; height: auto; display: block }
.from { string-set: from content(); font-size: .85em; color: #5b6478 }
"""


@dataclass(frozen=True, slots=True)
class Head:
    """A column of a table: its title, and whether numbers stand under it."""

    title: str
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """One number for a glance: what it is, what it is now, what it was."""

    title: str
    now: str
    before: str


def words(*titles: str) -> list[Head]:
    """Name columns of text."""
    return [Head(title) for title in titles]


def numbers(*titles: str) -> list[Head]:
    """Name columns of numbers, which stand at the right."""
    return [Head(title, is_number=True) for title in titles]


def page(title: str, *parts: str) -> str:
    """Begin a page of the pack."""
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"


def said(sentence: str) -> str:
    """Write a sentence below a heading."""
    return f'<p class="quiet">{escape(sentence)}</p>'


def cards(found: Sequence[Card]) -> str:
    """Show numbers side by side."""
    items = "".join(
        f"<li>{escape(card.title)}<b>{escape(card.now)}</b>"
        f'<span class="quiet">{escape(card.before)}</span></li>'
        for card in found
    )
    return f'<ul class="cards">{items}</ul>'


def picture(drawn: str, title: str, alt: str) -> str:
    """Place a drawing with its title, and its words for those who hear it."""
    source = b64encode(drawn.encode()).decode()
    return (
        f"<figure><h3>{escape(title)}</h3>"
        f'<img alt="{escape(alt)}" src="data:image/svg+xml;base64,{source}"></figure>'
    )


def table(
    title: str,
    heads: Sequence[Head],
    rows: Sequence[Sequence[str]],
    empty: str = "None.",
) -> str:
    """Lay out rows; the first cell of each names it."""
    if not rows:
        return f"<h3>{escape(title)}</h3>{said(empty)}"
    kinds = [' class="n"' if head.is_number else "" for head in heads]
    # Columns of numbers are equally wide, so that the eye can go down and across.
    even = ' class="even"' if all(kinds[1:]) else ""
    titles = "".join(
        f'<th scope="col"{kind}>{escape(head.title)}</th>'
        for head, kind in zip(heads, kinds, strict=True)
    )
    body = "".join(
        f'<tr><th scope="row"{kinds[0]}>{escape(row[0])}</th>'
        + "".join(
            f"<td{kind}>{escape(cell)}</td>"
            for cell, kind in zip(row[1:], kinds[1:], strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="wide"><table{even}><caption>{escape(title)}</caption>'
        f"<thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def document(title: str, origin: str, sections: Sequence[str]) -> str:
    """Put the pages together; `origin` stands below each of them."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\';'
        " style-src 'unsafe-inline'; img-src data:\">"
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main>"
        f'<h1>{escape(title)}</h1><p class="from">{escape(origin)}</p>'
        f"{''.join(sections)}</main></body></html>\n"
    )
