"""A model hub on this machine, with as much of the real one's manner as fetching a model takes."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@contextmanager
def hub(root: Path) -> Iterator[tuple[str, list[str]]]:
    """Serve `root`, one folder a model (`owner/name`): the address, and the paths that were asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            path = self.path.split("?")[0].removeprefix("/api/models").strip("/")
            owner, name, *rest = path.split("/")
            if not (root / owner / name).is_dir():
                return self.reply(404, b"", {"X-Error-Code": "RepoNotFound"})
            file = root.joinpath(owner, name, *rest[2:])  # .../resolve/main/FILE
            if rest[:1] != ["resolve"] or not file.is_file():
                return self.reply(404, b"", {"X-Error-Code": "EntryNotFound"})
            content = file.read_bytes()
            self.reply(200, content, {"ETag": f'"{hashlib.sha1(content).hexdigest()}"'})

        do_HEAD = do_GET

        def reply(self, status: int, content: bytes, heads: dict[str, str]) -> None:
            self.send_response(status)
            for key, value in {**heads, "X-Repo-Commit": "a" * 40, "Content-Length": str(len(content))}.items():
                self.send_header(key, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(content)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
