"""An OpenID Connect server on this machine, which lets everybody in under the claims that a test gives it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import jwt

CLIENT, SECRET = "xinzhi", "hush-hush-hush-hush-hush-hush-hush"


@dataclass
class Server:
    """What it says of whoever signs in, and what it was asked."""

    address: str
    claims: dict[str, object] = field(default_factory=dict)
    token: dict[str, object] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)

    def answer(self, path: str) -> dict[str, object] | None:
        if path == "/.well-known/openid-configuration":
            places = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
            return {f"{name}_endpoint": f"{self.address}/{place}" for name, place in places.items()} | {
                "issuer": self.address, "jwks_uri": f"{self.address}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            }  # fmt: skip
        if path == "/token":
            now = int(time.time())
            said = {
                "iss": self.address,
                "aud": CLIENT,
                "iat": now,
                "exp": now + 60,
                **self.claims,
                **self.token,
            }
            signed = jwt.encode(said, SECRET, "HS256")
            return {"access_token": "a", "token_type": "Bearer", "id_token": signed}
        return self.claims if path == "/userinfo" else None


@contextmanager
def serving() -> Iterator[Server]:
    """Serve until the test is over."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            server.asked.append((self.path, parse_qs(self.rfile.read(length).decode())))
            answer = server.answer(self.path)
            body = json.dumps(answer).encode()
            self.send_response(404 if answer is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_given: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        server = Server(f"http://127.0.0.1:{http.server_port}")
        threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        http.shutdown()
