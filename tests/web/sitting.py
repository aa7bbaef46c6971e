"""Somebody who signs in at a page, and whose pages had nothing to complain of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def sitting(address: str, open_page: Any, secret: str) -> Iterator[Any]:
    """How people sign in and go to a page; at the end none of their pages had a fault or left the house."""
    pages = []

    def come(name: str, path: str, **options: Any) -> Any:
        page = open_page(f"{address}/sign-in", **options)
        page.fill("[name=name]", name)
        page.fill("[name=password]", secret)
        page.click("form.card button")
        page.locator("header nav").wait_for()
        page.goto(f"{address}{path}")
        pages.append(page)
        return page

    yield come
    for page in pages:
        assert [said for said in page.wrong if "409" not in said] == []
        assert page.outside == []
