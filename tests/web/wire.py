"""The wire between a browser and a server: every byte that passes is counted, headers and all."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress

PIECE_B = 65_536


class Wire:
    """A port that passes everything on to another one.

    Attributes
    ----------
    down_b, up_b : bytes that have come from the server, and that were sent to it.
    """

    def __init__(self, port: int) -> None:
        self.down_b = self.up_b = 0
        self._to, self._lock = port, threading.Lock()
        self._moved_s = time.monotonic()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        threading.Thread(target=self._let_in, daemon=True).start()

    def settled(self, quiet_s: float = 0.6, seconds: float = 20.0) -> int:
        """Bytes from the server, once nothing has passed for a while."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends and time.monotonic() - self._moved_s < quiet_s:
            threading.Event().wait(0.05)
        return self.down_b

    def end(self) -> None:
        with suppress(OSError):
            self._door.close()

    def _let_in(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._door.accept()
                far = socket.create_connection(("127.0.0.1", self._to))
                for a, b, down in ((near, far, False), (far, near, True)):
                    threading.Thread(target=self._pass, args=(a, b, down), daemon=True).start()

    def _pass(self, a: socket.socket, b: socket.socket, down: bool) -> None:
        with suppress(OSError):
            while piece := a.recv(PIECE_B):
                with self._lock:
                    self.down_b += len(piece) * down
                    self.up_b += len(piece) * (not down)
                    self._moved_s = time.monotonic()
                b.sendall(piece)
        for each in (a, b):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
