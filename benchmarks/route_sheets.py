"""Route sheets of all 24 crews of the demo city as PDF, with Chinese letters and map sketches.

Run: python benchmarks/route_sheets.py [FOLDER]

Prints CPU seconds; with a folder, writes one crew's sheet there in both languages.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dispatch.demo import demo_case
from dispatch.intake import load_case
from dispatch.planning.main_road import plan_day
from dispatch.sheets import sheet_pdf, sheet_pdfs

LINK = "http://gridcrew.example/phone"


def main(folder: Path | None) -> None:
    """Plan the demo city, print its sheets, measure."""
    case = load_case(demo_case())
    day = plan_day(case, time_limit_s=3, seed=1)
    crews = {crew.id: LINK for crew in case.crews}
    for language in ("zh", "en"):
        began_s, began_cpu_s = time.perf_counter(), time.process_time()
        made = sheet_pdfs(day, crews, lang=language)
        cpu_s, wall_s = time.process_time() - began_cpu_s, time.perf_counter() - began_s
        sizes_kb = [len(body) / 1000 for body in made.values()]
        took = f"{cpu_s:.1f} CPU-s, {wall_s:.1f} s"
        print(f"{language}: {len(made)} sheets, {took}, largest {max(sizes_kb):.0f} kB")
    if folder is not None:
        crew = max(crews, key=lambda each: sum(bool(day.cards[v.job].switching) for v in visits(day, each)))
        for language in ("en", "zh"):
            (folder / f"route-sheet-{language}.pdf").write_bytes(
                sheet_pdf(day, crew, lang=language, link=LINK)
            )


def visits(day, crew):  # type: ignore[no-untyped-def]
    """A crew's visits."""
    return next((route.visits for route in day.plan.routes if route.crew == crew), ())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
