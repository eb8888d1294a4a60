"""Wires of TCP between processes on this machine, which can be cut, or held so that nothing comes through and nobody is told."""

import asyncio
import re
import threading

PASSING, CUT, HELD = "passing", "cut", "held"
HEAD_BYTES = 64 << 10
CHUNK_BYTES = 64 << 10


class Wires:
    """Carries all wires on a thread of its own; a context that ends them."""

    def __init__(self):
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def wire(self, port, names_sender=False):
        """A wire to a port of loopback. If it names its sender, as etcd's members do when they speak to each other, each sender's
        part of the wire has a state of its own."""
        wire = Wire(port, names_sender)
        self._run(wire.listen())
        return wire

    def set(self, wire, state, sender=None):
        """From now on the wire, or the part of it that a sender uses, passes, is cut or is held."""

        async def set_():
            wire.set(state, sender)

        self._run(set_())

    def _run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)


class Wire:
    """One listening end, and where it leads. Only the thread of `Wires` comes here."""

    def __init__(self, port, names_sender):
        self._to, self._names_sender = port, names_sender
        self._states, self._passing, self._carried = {}, {}, {}
        self.port = None

    async def listen(self):
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0, limit=HEAD_BYTES)
        self.port = self._server.sockets[0].getsockname()[1]

    def set(self, state, sender):
        self._states[sender] = state
        passing = self._passing.setdefault(sender, asyncio.Event())
        passing.clear() if state == HELD else passing.set()
        if state == CUT:
            for end in self._carried.pop(sender, []):
                end.transport.abort()

    async def _carry(self, reader, writer):
        try:
            first = await reader.readuntil(b"\r\n\r\n") if self._names_sender else b""
            named = re.search(rb"\r\nX-Server-From: ([0-9a-f]+)", first, re.I)
            sender = named[1].decode() if named else None
            if self._states.get(sender) == CUT:
                writer.transport.abort()
                return
            there, onward = await asyncio.open_connection("127.0.0.1", self._to)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            writer.transport.abort()
            return
        carried = self._carried.setdefault(sender, [])
        carried += [writer, onward]
        onward.write(first)
        await asyncio.gather(self._pump(reader, onward, sender), self._pump(there, writer, sender))
        for end in (writer, onward):
            end.transport.abort()
            if end in carried:
                carried.remove(end)

    async def _pump(self, reader, writer, sender):
        passing = self._passing.setdefault(sender, asyncio.Event())
        if self._states.get(sender, PASSING) == PASSING:
            passing.set()
        try:
            while chunk := await reader.read(CHUNK_BYTES):
                await passing.wait()
                writer.write(chunk)
                await writer.drain()
            writer.write_eof()
        except OSError:
            # The other direction ends, too: nobody is left to read it.
            writer.transport.abort()
