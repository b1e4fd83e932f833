"""The tutor in a browser on this computer: `python docs/serve.py [arguments of llmw-tutor]`. Needs textual-serve.

textual-serve takes a connection from any page that the browser has open; this takes one from its own page alone.
"""

from __future__ import annotations

import shlex
import sys

from aiohttp import web
from textual_serve.server import Server


class OwnPageOnly(Server):
    """Serves on the loopback address, to its own page."""

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        if request.headers.get("Origin") != self.public_url:
            raise web.HTTPForbidden(text="only this server's own page may connect")
        return await super().handle_websocket(request)


if __name__ == "__main__":
    OwnPageOnly(shlex.join(["llmw-tutor", *sys.argv[1:]]), host="127.0.0.1", port=8123, title="llmw-tutor").serve()
