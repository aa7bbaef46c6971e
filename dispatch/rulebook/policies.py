"""The versions of a duty room's policy: sent, looked at, put in force by a second person, gone back to.

Every version is kept with who sent it and who put it in force. A plan remembers the
version under which it was made, so that a later policy never rewrites what was decided.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rules import Policy, policy_from_text
from rules.checks.checking import MOST_BYTES, Checked, check
from rules.excel import write_workbook
from rules.showing import cell_in
from rules.yamlfile import read_yaml

from ..ground.errors import DispatchError
from ..store import Event, Store, record
from ..store.policy_rows import (
    active_policy,
    next_policy,
    policy_history,
    policy_in_force,
    policy_rows,
    policy_standing,
    policy_texts,
)

__all__ = [
    "MOST_BYTES",
    "Checked",
    "Policies",
    "Policy",
    "PolicyRefused",
    "PolicyVersion",
    "cell_in",
    "check",
    "workbook_of",
]

CASE = "case"


class PolicyRefused(DispatchError):
    """A version that cannot be kept or put in force; `code` says why."""

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        super().__init__(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyVersion:
    """One version of the policy.

    Parameters
    ----------
    id : its number; the first is the case's own.
    version : hash over what it says.
    state : waiting, active, former (it has been in force), declined.
    """

    id: int
    name: str
    version: str
    file: str
    note: str
    state: str
    made_by: str
    made_at: datetime
    decided_by: str | None
    decided_at: datetime | None


class Policies:
    """The policy's versions in a store; `own` is the policy that the case came with."""

    def __init__(self, store: Store, own: Policy) -> None:
        self.store, self.own = store, own
        self._loaded: dict[int, Policy] = {}
        self._in_force: tuple[int, int | None] | None = None
        self._lock = threading.Lock()

    def begin(self, at: datetime) -> None:
        """Write the case's policy down when it is new.

        It comes into force at once where the policy in force came with the case too: whoever
        keeps the policy as a file goes on so. Otherwise it waits for a person.
        """
        found = self.versions()
        if any(each.version == self.own.version for each in found):
            return
        number = self._keep(_said(self.own, "", self.own.file), CASE, "file", at)
        active = next((each for each in found if each.state == "active"), None)
        if active is None or active.made_by == CASE:
            self.store.record(_decision("policy_activated", number, {"note": ""}, CASE, "file", at))

    def versions(self) -> list[PolicyVersion]:
        """Every version, the newest first."""
        return [PolicyVersion(**row) for row in policy_rows(self.store)]

    def version(self, number: int) -> PolicyVersion:
        """One version.

        Raises
        ------
        KeyError
            There is none of that number.
        """
        for each in self.versions():
            if each.id == number:
                return each
        raise KeyError(number)

    def number_in_force(self) -> int | None:
        """Number of the version in force; the database is asked again only after something was written."""
        seq, known = self.store.recent_seq(), self._in_force
        if known is None or known[0] != seq:
            known = self._in_force = (seq, active_policy(self.store))
        return known[1]

    def in_force(self) -> Policy:
        """The policy in force."""
        number = self.number_in_force()
        return self.own if number is None else self.policy(number)

    def number_of(self, version: str) -> int | None:
        """The number of what was kept under a version, None for none."""
        return next((each.id for each in self.versions() if each.version == version), None)

    def policy(self, number: int) -> Policy:
        """A version as a policy to decide by.

        Raises
        ------
        KeyError
            There is none of that number.
        """
        with self._lock:
            if number not in self._loaded:
                said = policy_texts(self.store, number)
                own = said["version"] == self.own.version
                self._loaded[number] = self.own if own else policy_from_text(said["text"], said["file"])
            return self._loaded[number]

    def text_of(self, number: int) -> str:
        """A version's YAML."""
        return policy_texts(self.store, number)["text"]

    def cases_of(self, number: int) -> str:
        """The text of the cases that were kept with a version."""
        return policy_texts(self.store, number)["cases"]

    def upload(self, checked: Checked, file: str, cases: str, note: str, who: str, at: datetime) -> int:
        """Keep a checked policy until somebody decides; returns its number.

        Raises
        ------
        PolicyRefused
            It has faults or cases that fail (``unfit``), or is there already (``known``).
        """
        if not checked.fit:
            raise PolicyRefused("unfit", f"{file} has faults or cases that fail")
        known = self.number_of(checked.version)
        if known is not None:
            raise PolicyRefused("known", f"{file} says the same as version {known}")
        said = {"name": checked.name[:120], "version": checked.version, "text": checked.text}
        return self._keep({**said, "file": file[:200], "cases": cases, "note": note}, who, "board", at)

    def activate(
        self,
        number: int,
        who: str,
        note: str,
        at: datetime,
        *,
        seen: int | None = None,
        alone: bool = False,
    ) -> None:
        """Put a version in force.

        A version that has never been in force needs a second person; one that has was
        stood for by two already, and whoever may decide can go back to it.

        Parameters
        ----------
        seen : the version in force that whoever decides compared this one with; without it the one of now.
        alone : one person may do both (a demo has one person only).

        Raises
        ------
        PolicyRefused
            It is in force (``active``), was declined (``declined``), is the own one (``own``), or
            somebody else put another version in force in the meantime (``conflict``).
        KeyError
            There is none of that number.
        """
        base = self.number_in_force() if seen is None else seen
        with self.store.writing() as connection:
            state, made_by = policy_standing(connection, number)
            if state in ("active", "declined"):
                raise PolicyRefused(state, f"version {number} is {state}")
            if state == "waiting" and made_by == who and not alone:
                raise PolicyRefused("own", f"version {number} was sent by {who}: a second person must decide")
            found = policy_in_force(connection)
            if found != base:
                raise PolicyRefused(
                    "conflict", f"version {found} came into force in the meantime, not {base}"
                )
            data = {"note": note, "back": state == "former"}
            record(connection, _decision("policy_activated", number, data, who, "board", at))

    def decline(self, number: int, who: str, note: str, at: datetime) -> None:
        """Say no to a version that waits.

        Raises
        ------
        PolicyRefused
            It does not wait.
        """
        with self.store.writing() as connection:
            state, _ = policy_standing(connection, number)
            if state != "waiting":
                raise PolicyRefused(state, f"version {number} is {state}")
            record(connection, _decision("policy_declined", number, {"note": note}, who, "board", at))

    def history(self, most: int = 100) -> list[Event]:
        """What was done to the policy, the newest first, without the texts."""
        return policy_history(self.store, most)

    def _keep(self, said: Mapping[str, Any], who: str, source: str, at: datetime) -> int:
        with self.store.writing() as connection:
            number = next_policy(connection)
            event = Event(
                at=at, actor=who, source=source, kind="policy_uploaded", subject=str(number), data=said
            )
            record(connection, event)
        return number


def _decision(kind: str, number: int, data: Mapping[str, Any], who: str, source: str, at: datetime) -> Event:
    return Event(at=at, actor=who, source=source, kind=kind, subject=str(number), data=data)


def _said(policy: Policy, note: str, file: str) -> dict[str, Any]:
    return {
        "name": policy.name[:120],
        "version": policy.version,
        "file": file[:200],
        "text": policy.text,
        "cases": policy.cases,
        "note": note,
    }


def workbook_of(text: str) -> bytes:
    """A policy's YAML as an Excel workbook."""
    made = io.BytesIO()
    write_workbook(read_yaml(text, "policy.yaml"), text, made)
    return made.getvalue()
