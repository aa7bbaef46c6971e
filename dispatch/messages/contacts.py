"""Whom a policy's roles stand for: mail addresses and numbers by role, out of one file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ..ground.errors import Fault, InputFaults, nearest

# Roles that a policy may name in `notify`; customers themselves are found in the case.
ROLES = frozenset({"supervisor", "customer_manager", "welfare_team", "duty_manager", "media_desk"})
CUSTOMER, IMPORTANT = "customer", "important_customers"
FILE = "contacts.yaml"
MOST_LENGTH = 300

Contacts = Mapping[str, tuple[str, ...]]


def load_contacts(folder: Path) -> Contacts:
    """Read `contacts.yaml` of a folder: role to one address or a list; nobody without the file.

    Raises
    ------
    InputFaults
        A role is unknown, or an address is neither a mail address nor a number.
    """
    path = folder / FILE
    if not path.is_file():
        return {}
    try:
        raw = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except YAMLError as error:
        raise InputFaults([Fault(file=FILE, place="", text=f"is not YAML: {error}")]) from error
    given = raw if isinstance(raw, dict) else {}
    found = {str(role): each if isinstance(each, list) else [each] for role, each in given.items()}
    faults = [_unknown(role) for role in found if role not in ROLES]
    faults += [
        Fault(file=FILE, place=role, text=f"{address!r} is neither a mail address nor a number")
        for role, addresses in found.items()
        for address in addresses
        if not _is_address(address)
    ]
    if faults:
        raise InputFaults(faults)
    return {role: tuple(str(each).strip() for each in addresses) for role, addresses in found.items()}


def contacts_in(table: pd.DataFrame) -> dict[str, str]:
    """Numbers of customers, each with the address that they know an outage by; who has none is left out."""
    return {contact: address for contact, (address, _) in named_contacts(table).items()}


def named_contacts(table: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """The same with address and name."""
    if "phone" not in table:
        return {}
    known = table[table["phone"].notna()]
    columns = (known["phone"], known["address"].fillna(""), known["name"].fillna(""))
    return {str(phone): (str(address), str(name)) for phone, address, name in zip(*columns, strict=True)}


def _unknown(role: str) -> Fault:
    text = f"unknown role{nearest(role, ROLES)}; known: {', '.join(sorted(ROLES))}"
    return Fault(file=FILE, place=role, text=text)


def _is_address(address: Any) -> bool:
    text = str(address).strip()
    if isinstance(address, bool) or not text.isprintable() or len(text) > MOST_LENGTH:
        return False
    name, at, domain = text.partition("@")
    if at:
        return bool(name and domain) and " " not in text and "@" not in domain
    return sum(each.isdigit() for each in text) >= 3 and set(text) <= set("+0123456789 -()/")
