"""The customer desk: what it is made of."""

from __future__ import annotations

from ..book import Book
from .owners import Owners


class Service:
    """The customer's half of the desk.

    Attributes
    ----------
    owners : who answers for requests, who looks after customers.
    """

    def __init__(self, book: Book) -> None:
        self.owners = Owners(book)
