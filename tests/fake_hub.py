"""A small server that answers as the Hugging Face hub does, from folders on disk."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "c" * 40


class FakeHub(ThreadingHTTPServer):
    """`repositories`: hub name -> folder; `broken`: files whose transfer breaks off half-way."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.repositories: dict[str, Path] = {}
        self.broken: set[str] = set()
        self.fetched: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request, client_address) -> None:
        """A client that went away is no news."""


@contextmanager
def running_hub() -> Iterator[FakeHub]:
    hub = FakeHub()
    thread = threading.Thread(target=hub.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.shutdown()
        hub.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: FakeHub

    def log_message(self, *args) -> None:
        """Keep the tests' output clean."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = self.path.partition("?")[0].strip("/")
        for name, folder in self.server.repositories.items():
            if path.startswith(f"api/models/{name}"):
                return self._api(path.removeprefix(f"api/models/{name}"), name, folder)
            if path.startswith(f"{name}/resolve/"):
                return self._file(folder / path.split("/")[-1])
        if path:
            self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"})
        else:
            self._send(200, b"hub")

    def _api(self, rest: str, name: str, folder: Path) -> None:
        files = sorted(folder.iterdir())
        if "/tree/" in rest:
            entries = [
                {"type": "file", "path": f.name, "size": f.stat().st_size, "oid": _oid(f)}
                for f in files
            ]
            return self._send_json(entries)
        siblings = [{"rfilename": f.name} for f in files]
        self._send_json({"id": name, "sha": COMMIT, "siblings": siblings, "private": False})

    def _file(self, file: Path) -> None:
        if not file.exists():
            return self._send(404, b"", {"X-Error-Code": "EntryNotFound"})
        data = file.read_bytes()
        if self.command == "GET":
            self.server.fetched.append(file.name)
        is_broken = file.name in self.server.broken
        headers = {"X-Repo-Commit": COMMIT, "ETag": f'"{_oid(file)}"'}
        self._send(200, data, headers, cut=len(data) // 2 if is_broken else len(data))

    def _send_json(self, value: object) -> None:
        self._send(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, body: bytes, headers=(), *, cut: int | None = None) -> None:
        self.send_response(status)
        for key, value in dict(headers).items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body[:cut])


def _oid(file: Path) -> str:
    return sha1(file.read_bytes(), usedforsecurity=False).hexdigest()
