"""How customers want to be told: language, way, or nothing any more; by their own word or the desk's."""

from __future__ import annotations

from ...store.outbox import told_to
from ...store.wishes import Wish, mark_of, wish_of
from ..book import Book, Who
from ..refusals import Refused

STOP = frozenset({"stop", "unsubscribe", "退订", "td", "baja"})
START = frozenset({"start", "订阅", "alta"})
LANGUAGES, WAYS = ("en", "zh"), ("text", "voice")
CUSTOMER = Who(name="customer", source="reply")


class Texts:
    """The texts that customers get."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def of(self, contact: str) -> Wish:
        """How somebody wants to be told."""
        return wish_of(self._book.store, contact)

    def told(self, contact: str) -> list[dict[str, object]]:
        """What somebody was told, the newest first."""
        return told_to(self._book.store, contact)

    def hear(self, contact: str, text: str) -> bool:
        """Take "stop" and "start" as a reply to a text; False when it says neither."""
        word = text.strip().strip(".!?。！？\"'").casefold()
        if word not in STOP | START or not mark_of(contact):
            return False
        wish = self.of(contact)
        self._write(contact, Wish(language=wish.language, way=wish.way, stopped=word in STOP), CUSTOMER)
        return True

    def set(self, customer: str, wish: Wish, who: Who) -> None:
        """Write down how a customer wants to be told.

        Raises
        ------
        Refused
            There is no such customer, or it has no number that anything could be sent to.
        """
        self._write(self.contact(customer), wish, who)

    def contact(self, customer: str) -> str:
        """The number of a customer.

        Raises
        ------
        Refused
            There is no such customer (`unknown_customer`), or it has none (`no_phone`).
        """
        if customer not in self._book.case.customers:
            raise Refused("unknown_customer", customer=customer)
        phone = self._book.case.customers.facts(customer).get("phone")
        if not phone:
            raise Refused("no_phone", customer=customer)
        return str(phone)

    def _write(self, contact: str, wish: Wish, who: Who) -> None:
        data = {"language": wish.language, "way": wish.way, "stopped": int(wish.stopped)}
        self._book.note("preference_changed", mark_of(contact), data, who)
