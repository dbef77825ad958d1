"""A small reverse proxy that takes a prefix off, as JupyterHub's does, websockets included."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

HEAD_ENDS = b"\r\n\r\n"
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@contextmanager
def stripping_proxy(port: int, prefix: str, upstream: int) -> Iterator[None]:
    """Serve `http://127.0.0.1:port/prefix/...` from `http://127.0.0.1:upstream/...` meanwhile."""
    is_up, loop, over = threading.Event(), asyncio.new_event_loop(), asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _handle(reader, writer, prefix.encode(), upstream)

    async def serve() -> None:
        server = await asyncio.start_server(handle, "127.0.0.1", port)
        is_up.set()
        await over.wait()
        server.close()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:  # ends what is still open
            runner.run(serve())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert is_up.wait(30)
    yield
    loop.call_soon_threadsafe(over.set)
    thread.join(30)


async def _handle(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, prefix: bytes, upstream: int
) -> None:
    """Change the head of one request and pass on all that follows; a connection for each request.

    An upgraded connection is passed on as it is.
    """
    outer = None
    try:
        head = await reader.readuntil(HEAD_ENDS)
        method, path, rest = head.split(b" ", 2)
        if not path.startswith(prefix + b"/"):
            writer.write(
                b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
            return
        if b"upgrade: websocket" not in rest.lower():
            lines = [x for x in rest.split(b"\r\n") if not x.lower().startswith(b"connection:")]
            lines.insert(1, b"Connection: close")
            rest = b"\r\n".join(lines)
        inner, outer = await asyncio.open_connection("127.0.0.1", upstream)
        told = rest.replace(b"\r\n", b"\r\nX-Forwarded-For: 127.0.0.1\r\n", 1)
        outer.write(b" ".join((method, path.removeprefix(prefix), told)))
        await asyncio.gather(_pass_on(reader, outer), _pass_on(inner, writer))
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()
        if outer:
            outer.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while piece := await reader.read(65_536):
            writer.write(piece)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()
