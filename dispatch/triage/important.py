"""Important customers among those off supply, for the crew that goes there."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..ground.case import Case
from ..ground.day import Important, Outage
from .orders import ORDINARY, Grades, customer_rows

MOST_NAMED = 5


def important_customers(case: Case, grades: Grades, outage: Outage) -> tuple[Important, ...]:
    """The customers of an outage that the policy grades above the ordinary, the weightiest first."""
    rows = customer_rows(case, outage.transformers, outage)
    rows = rows[rows >= 0]
    rows = rows[(grades.weight[rows] > 1) & (grades.grade[rows] != ORDINARY)]
    first = rows[np.lexsort((rows, -grades.weight[rows]))][:MOST_NAMED]
    table = case.customers.table
    return tuple(
        Important(
            grade=str(grades.grade[row]),
            name=_text(table["name"].iloc[row]),
            access=_text(table["access"].iloc[row]),
        )
        for row in first.tolist()
    )


def _text(value: object) -> str | None:
    return None if value is None or pd.isna(value) else str(value)
