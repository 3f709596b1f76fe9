"""The way to a PostgreSQL server, to be cut: a proxy between Unix sockets."""

import asyncio
import contextlib
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

SOCKET = ".s.PGSQL.5432"
PIECE = 65536


class Wire:
    """Leads from `url` to the server of `target`. One event loop's own.

    cut()      as when the server is gone: what is open ends, nothing new is let in
    silence()  as when packets are dropped: all stays open, nothing gets through
    mend()     everything gets through again, also what was held up
    """

    def __init__(self, target: str, folder: Path) -> None:
        self.folder = folder
        self.path = folder / SOCKET
        parts = urlsplit(target)
        query = parse_qs(parts.query)
        self.target = f"{query['host'][0]}/{SOCKET}"
        self.url = parts._replace(
            query=f"host={quote(str(folder))}&port=5432&user={query['user'][0]}").geturl()
        self.url = self.url.replace("postgresql:/onsale", "postgresql:///onsale")
        self._through = asyncio.Event()
        self._through.set()
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> "Wire":
        await self.mend()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.cut()
        for task in self._tasks:
            task.cancel()

    async def cut(self) -> None:
        if self._server:
            self._server.close()
            self._server = None
            self.path.unlink(missing_ok=True)
        for end in self._open:
            end.close()
        self._open.clear()

    def silence(self) -> None:
        self._through.clear()

    async def mend(self) -> None:
        self._through.set()
        if not self._server:
            self._server = await asyncio.start_unix_server(self._join, self.path)

    async def _join(self, here: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        there, on = await asyncio.open_unix_connection(self.target)
        self._open |= {back, on}
        for source, sink in ((here, on), (there, back)):
            task = asyncio.create_task(self._carry(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while piece := await source.read(PIECE):
                await self._through.wait()
                sink.write(piece)
                await sink.drain()
        await self._through.wait()
        sink.close()
