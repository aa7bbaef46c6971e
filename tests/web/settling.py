"""A page that has come to rest, and what axe has to say of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

CHECKS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Letters are there, nothing moves or fades, and the page stays as it is for as long as a quick answer takes.
AT_REST = """async (still) => {
  await document.fonts.ready;
  const drawn = () => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
  const ends = (each) => each.effect.getComputedTiming().endTime !== Infinity;
  const moves = () => document.getAnimations().some((each) => each.playState === "running" && ends(each));
  let told = performance.now();
  const seen = new MutationObserver(() => (told = performance.now()));
  const what = { subtree: true, childList: true, attributes: true, characterData: true };
  seen.observe(document.documentElement, what);
  const until = performance.now() + 20000;
  do await drawn();
  while (performance.now() < until && (performance.now() < told + still || moves()));
  seen.disconnect();
}"""
STILL_MS = 120


def expect(locator: Any) -> Any:
    """Playwright's own: what it is asked is looked at again until it holds."""
    return pytest.importorskip("playwright.sync_api").expect(locator)


def at_rest(page: Any) -> None:
    """Wait until a page has drawn what it was asked for; one that never rests is looked at as it is."""
    page.wait_for_load_state()
    page.evaluate(AT_REST, STILL_MS)


def axe_faults(page: Any) -> list[tuple[str, Any, str]]:
    """What axe finds wrong with a page at rest: rule, place, what to mend."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    at_rest(page)
    # The page's own policy keeps foreign scripts out; the checker is let in by the browser, not by the page.
    source = Path(axe.__file__).with_name("axe.min.js").read_text()
    page.evaluate(f"() => {{ if (!window.axe) {{ {source} }} }}")
    found = page.evaluate(f"axe.run({{ runOnly: {CHECKS} }})")
    return [
        (each["id"], node["target"], node["failureSummary"])
        for each in found["violations"]
        for node in each["nodes"][:3]
    ]
