"""A route sheet as one HTML file that needs nothing else: for the screen and for A4 paper."""

from __future__ import annotations

from html import escape

from .content import (
    Line,
    drive_text,
    header_lines,
    notice_text,
    place_uri,
    rest_text,
    signed_text,
    stop_heading,
    stop_lines,
    stop_times,
    stop_uri,
    subtitle,
    ticks,
    title,
)
from .qr import qr_bars
from .sheet import RestStop, Sheet, Stop
from .sketch import Sketch
from .words import Words

STYLE = """
@page { size: A4; margin: 12mm }
* { box-sizing: border-box }
body { font: 10.5pt/1.35 "Noto Sans", "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif;
  color: #000; background: #fff; max-width: 190mm; margin: 8mm auto;
  font-variant-numeric: tabular-nums }
h1 { font-size: 17pt; margin: 0 }
h2 { font-size: 12pt; margin: 0; flex: 1 }
.sub { margin: 0 0 3mm }
.notice { border: 1pt dashed #000; padding: 1mm 2mm; margin: 2mm 0 }
header { display: flex; gap: 4mm; border-bottom: 2pt solid #000; padding-bottom: 3mm;
  align-items: flex-start }
header > div:first-child { flex: 1 }
dl { display: grid; grid-template-columns: 36mm 1fr; gap: .6mm 2mm; margin: 0 }
dt { color: #333 }
dd { margin: 0 }
.strong { font-weight: 700 }
.alarm { border: 2pt solid #000; padding: 1mm 2mm; margin: 0 0 2mm; font-weight: 700 }
section { border: 1pt solid #000; margin-top: 4mm; break-inside: avoid }
.head { display: flex; gap: 3mm; align-items: center; padding: 1.5mm 2mm; border-bottom: 1pt solid #000 }
.number { background: #000; color: #fff; font-size: 15pt; font-weight: 700; min-width: 9mm;
  text-align: center; print-color-adjust: exact; -webkit-print-color-adjust: exact }
.times { font-weight: 700; white-space: pre }
.body { display: flex; gap: 3mm; padding: 2mm }
.body > div:first-child { flex: 1 }
.maps { width: 58mm; flex: none }
svg { display: block; width: 100%; height: auto }
.code { width: 20mm; flex: none; text-align: center; font-size: 7pt; line-height: 1.1 }
ol { list-style: none; margin: 2mm 0; padding: 0 }
ol li::before { content: ""; display: inline-block; width: 4mm; height: 4mm; border: 1.2pt solid #000;
  margin-right: 2mm; vertical-align: -0.6mm }
.write { display: flex; gap: 4mm; border-top: .6pt solid #000; padding: 1.5mm 2mm }
.write > div:first-child { flex: 1; white-space: pre-wrap }
.write hr { border: 0; border-bottom: .5pt solid #000; margin: 6mm 0 0 }
.rest { border: 1pt dashed #000; padding: 1mm 2mm; margin: 4mm 0 0 }
footer { margin-top: 4mm; font-size: 8.5pt }
@media print { body { font-size: 9.5pt; margin: 0 } }
@media screen and (max-width: 700px) {
  body { margin: 3mm }
  .body, header, .head { flex-direction: column; align-items: stretch }
  .maps { width: 100% }
}
"""


def html_page(sheet: Sheet, words: Words, link: str | None) -> str:
    """Return a route sheet as a whole HTML page.

    Parameters
    ----------
    link : where the crew finds this route on the phone; shown as a QR code.
    """
    rows = [
        _stop(sheet, row, words, link) if isinstance(row, Stop) else _rest(sheet, row, words)
        for row in sheet.rows
    ]
    rows = rows or [f"<p>{escape(words('no_visits'))}</p>"]
    body = "\n".join([_header(sheet, words, link), *rows, _footer(sheet)])
    language = "zh-Hans" if words.lang == "zh" else "en"
    return (
        f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title(sheet, words))}</title><style>{STYLE}</style></head>\n"
        f"<body>\n{body}\n</body></html>\n"
    )


def _rest(sheet: Sheet, rest: RestStop, words: Words) -> str:
    return f'<p class="rest"><b>{escape(words("rest"))}</b> {escape(rest_text(sheet, rest, words))}</p>'


def _header(sheet: Sheet, words: Words, link: str | None) -> str:
    notice = f'<p class="notice">{escape(notice_text(sheet, words))}</p>' if sheet.synthetic else ""
    maps = _svg(sheet.overview, words("overview"), words) if sheet.overview else ""
    code = _code(link, words("open_link")) if link else ""
    return (
        f'<h1>{escape(title(sheet, words))}</h1><p class="sub">{escape(subtitle(sheet, words))}</p>{notice}'
        f"<header><div>{_lines(header_lines(sheet, words), words)}</div>{code}"
        f'<div class="maps">{maps}</div></header>'
    )


def _footer(sheet: Sheet) -> str:
    thanks = " · ".join(escape(text) for text in sheet.attribution)
    return f"<footer>{thanks}</footer>" if thanks else ""


def _stop(sheet: Sheet, stop: Stop, words: Words, link: str | None) -> str:
    facts = _lines(stop_lines(sheet, stop, words), words)
    if stop.reported.ended:
        return f'<section>{_head(sheet, stop, words)}<div class="body"><div>{facts}</div></div></section>'
    sketch = _svg(stop.leg.sketch, drive_text(stop.leg, words), words) if stop.leg.sketch else ""
    return (
        f'<section>{_head(sheet, stop, words)}<div class="body"><div>{facts}{_switching(stop, words)}</div>'
        f'<div class="maps">{sketch}</div></div>{_write(stop, words, link)}</section>'
    )


def _head(sheet: Sheet, stop: Stop, words: Words) -> str:
    return (
        f'<div class="head"><span class="number">{stop.number}</span>'
        f"<h2>{escape(stop_heading(stop, words))}</h2>"
        f'<span class="times">{escape(stop_times(sheet, stop, words))}</span></div>'
    )


def _write(stop: Stop, words: Words, link: str | None) -> str:
    card = stop.card
    code = "" if card.remote else _code(place_uri(card.lon, card.lat), words("navigate"))
    if own := stop_uri(link, stop):
        code += _code(own, f"{words('order')} {card.order}")
    lines = "\n".join(map(escape, (words("times_taken"), signed_text(stop, words), words("notes"))))
    return f'<div class="write"><div>{lines}<hr><hr></div>{code}</div>'


def _lines(lines: list[Line], words: Words) -> str:
    parts = []
    alarms = [line for line in lines if line.weight == "alarm"]
    for line in alarms:
        parts.append(f'<p class="alarm">{escape(words.labelled(line.label, line.text))}</p>')
    parts.append("<dl>")
    for line in lines:
        if line.weight != "alarm":
            css = ' class="strong"' if line.weight == "strong" else ""
            parts.append(f"<dt>{escape(line.label)}</dt><dd{css}>{escape(line.text)}</dd>")
    return "".join([*parts, "</dl>"])


def _switching(stop: Stop, words: Words) -> str:
    if not stop.card.switching:
        return ""
    items = (
        f"<li>{tick.number}. <b>{escape(tick.verb)}</b> {escape(tick.text)}</li>"
        for tick in ticks(stop.card.switching, words)
    )
    return f"<p class='strong'>{escape(words('switching'))}</p><ol>{''.join(items)}</ol>"


def _code(text: str, caption: str) -> str:
    size, bars = qr_bars(text)
    path = "".join(f"M{column} {row}h{length}v1h-{length}z" for column, row, length in bars)
    box = f"-2 -2 {size + 4} {size + 4}"
    return (
        f'<div class="code"><svg viewBox="{box}" role="img" aria-label="{escape(text)}">'
        f'<path d="{path}"/></svg>{escape(caption)}</div>'
    )


def _svg(sketch: Sketch, label: str, words: Words) -> str:
    """Draw a sketch 1,000 units wide, with the scale and north below its frame."""
    height = round(1000 * sketch.height)
    streets = "".join(
        f"M{x1:.0f} {y1:.0f}L{x2:.0f} {y2:.0f}" for x1, y1, x2, y2 in (sketch.streets * 1000).tolist()
    )
    way = " ".join(f"{x:.0f},{y:.0f}" for x, y in (sketch.way * 1000).tolist())
    last = len(sketch.marks) - 1
    marks = "".join(
        _mark(x * 1000, y * 1000, text, number == last) for number, (x, y, text) in enumerate(sketch.marks)
    )
    return (
        f'<svg viewBox="-3 -3 1006 {height + 79}" role="img" aria-label="{escape(label)}" font-size="44">'
        f'<path d="{streets}" stroke="#777" stroke-width="4" fill="none"/>'
        f'<polyline points="{way}" fill="none" stroke="#000" stroke-width="15" stroke-linejoin="round"/>'
        f'{marks}<rect width="1000" height="{height}" fill="none" stroke="#000" stroke-width="6"/>'
        f"{_scale_and_north(sketch, height, words)}</svg>"
    )


def _scale_and_north(sketch: Sketch, y: int, words: Words) -> str:
    bar = sketch.scale * 1000
    label = f"{sketch.scale_m} {escape(words('metres'))}"
    return (
        f'<path d="M0 {y + 24}v36M0 {y + 42}h{bar:.0f}m0 -18v36" stroke="#000" stroke-width="6"/>'
        f'<text x="{bar + 20:.0f}" y="{y + 58}">{label}</text>'
        f'<path d="M910 {y + 14}l22 54l-22 -13l-22 13z"/><text x="945" y="{y + 60}">N</text>'
    )


def _mark(x: float, y: float, text: str, target: bool) -> str:
    back, front = ("#000", "#fff") if target else ("#fff", "#000")
    label = f'<text x="{x:.0f}" y="{y + 16:.0f}" text-anchor="middle" font-weight="700" fill="{front}">'
    return (
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="34" fill="{back}" stroke="#000" stroke-width="6"/>'
        f"{label}{escape(text)}</text>"
    )
