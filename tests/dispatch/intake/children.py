"""What a bounded child may be given to do: a module of its own, so that the child loads little."""

from __future__ import annotations

import os
import time

from dispatch.ground.errors import Fault, InputFaults


def twice(number: int) -> int:
    return 2 * number


def spin() -> None:
    while True:
        pass


def sleep() -> None:
    time.sleep(100)


def swell() -> int:
    return len([bytearray(2**20) for _ in range(4000)])


def talk() -> bytes:
    return bytes(2**27)


def die() -> None:
    os.abort()


def fault() -> None:
    raise InputFaults([Fault(file="a.csv", place="row 2", text="is wrong")])


def stumble() -> None:
    raise KeyError("nobody thought of this")
