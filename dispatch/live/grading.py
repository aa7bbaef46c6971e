"""Customers graded by the policy in force, and the case under it."""

from __future__ import annotations

from dataclasses import replace

from ..ground.case import Case
from ..rulebook.policies import Policy
from ..triage.orders import Grades, grade_customers
from .book import Book

MOST_KEPT = 12


class Grading:
    """What versions of the policy make of the customers, each worked out once."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._graded: dict[tuple[str, int], tuple[object, Grades]] = {}

    @property
    def grades(self) -> Grades:
        """What the policy in force makes of every customer."""
        return self.grades_under(self._book.policies.in_force())

    def grade_of(self, customer: str | None) -> str | None:
        """The grade of a customer; None for somebody unknown."""
        customers = self._book.case.customers
        if customer is None or customer not in customers:
            return None
        return self.grades.of_customer(customers, customer)

    def grades_under(self, policy: Policy) -> Grades:
        """What a version of the policy makes of every customer."""
        return self.grades_of(replace(self._book.case, policy=policy))

    def grades_of(self, case: Case) -> Grades:
        """Grades of a case's customers under its policy, worked out once for the same of both."""
        key = (case.policy.version, id(case.customers))
        # With the customers held beside them no others can come to the same number.
        if key not in self._graded:
            while len(self._graded) >= MOST_KEPT:
                self._graded.pop(next(iter(self._graded)), None)
            self._graded[key] = (case.customers, grade_customers(case))
        return self._graded[key][1]

    def case_under(self, number: int | None = None) -> Case:
        """The case under a version of its policy; without a number under the one in force."""
        return self.under(self._book.case, number)

    def under(self, case: Case, number: int | None) -> Case:
        """A case under a version of the policy; under the one in force without a number."""
        policy = self._book.policies.in_force() if number is None else self._book.policies.policy(number)
        return case if policy is case.policy else replace(case, policy=policy)
