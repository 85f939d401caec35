"""The cable between a service and its broker or database: it can be cut, pulled out or blocked.

A TCP proxy on loopback. All of them share one event loop in one thread.
"""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from typing import Any

_PIECE = 65536
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER of nothing: closing sends a reset, as a cut does


class Wires:
    """The thread in which the cables live."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="wires", daemon=True)
        self._thread.start()

    def to(self, port: int) -> "Wire":
        wire = Wire(self, port)
        self.run(wire.open())
        return wire

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(30)

    def call(self, function: Callable[[], Any]) -> None:
        self.loop.call_soon_threadsafe(function)

    def stop(self) -> None:
        self.call(self.loop.stop)
        self._thread.join(5)


class Wire:
    """Leads from `port` on loopback to the server's port."""

    def __init__(self, wires: Wires, target: int) -> None:
        self._wires = wires
        self._target = target
        self._ends: set[asyncio.StreamWriter] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._plugged = True
        self.port = 0

    async def open(self) -> None:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """Resets all connections; new ones go through."""
        self._wires.call(self._cut)

    def unplug(self) -> None:
        """Resets all connections, and every new one at once."""
        self._plugged = False
        self.cut()

    def block(self) -> None:
        """Connections stay, and nothing goes through in either direction."""
        self._wires.call(self._flowing.clear)

    def mend(self) -> None:
        self._plugged = True
        self._wires.call(self._flowing.set)

    def _cut(self) -> None:
        for end in self._ends:
            _reset(end)
        self._ends.clear()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._plugged:
            return _reset(writer)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            return _reset(writer)
        ends = {writer, far_writer}
        self._ends |= ends
        await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
        self._ends -= ends

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(_PIECE):
                await self._flowing.wait()
                writer.write(piece)
                await writer.drain()
        writer.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    plug: socket.socket | None = writer.get_extra_info("socket")
    if plug is not None:
        with contextlib.suppress(OSError):
            plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
