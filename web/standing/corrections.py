"""A proposed mapping with what a person chose in its form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dispatch.intake.mapping.mapping import Mapping as CaseMapping
from dispatch.intake.mapping.mapping import TableSource

SETTINGS = ("name", "time_zone", "now", "policy")
SYSTEMS = ("", "WGS84", "GCJ-02", "BD-09")


def corrected(mapping: CaseMapping, form: Mapping[str, str], files: Sequence[str]) -> CaseMapping:
    """The mapping as the form has it; of a file whose kind was changed just now, as it was proposed."""
    settings = dict(mapping.settings)
    settings |= {key: form[key].strip()[:200] for key in SETTINGS if form.get(key, "").strip()}
    tables = {name: _table(name, each, form, files) for name, each in mapping.tables.items()}
    listed = mapping.transformers
    return replace(
        mapping,
        settings=settings,
        tables=tables,
        transformers=_table("transformers", listed, form, files) if listed is not None else None,
    )


def _table(kind: str, source: TableSource, form: Mapping[str, str], files: Sequence[str]) -> TableSource:
    if source.file not in files:
        return source
    at = files.index(source.file)
    if form.get(f"was.{at}") != kind:
        return source
    prefix = f"col.{at}."
    chosen = {key.removeprefix(prefix): title for key, title in form.items() if key.startswith(prefix)}
    columns = {ours: title for ours, title in chosen.items() if title}
    system = form.get(f"coordinates.{at}", "")
    return replace(source, columns=columns, coordinates=system if system in SYSTEMS else "")
