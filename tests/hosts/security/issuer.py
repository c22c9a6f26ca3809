"""An OpenID provider on loopback, with keys made for the test, that can be told to misbehave."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
AUDIENCE = "our-client-id"

RSA_1 = rsa.generate_private_key(65537, 2048)
RSA_2 = rsa.generate_private_key(65537, 2048)
RSA_WEAK = rsa.generate_private_key(65537, 1024)
EC_1 = ec.generate_private_key(ec.SECP256R1())
EC_384 = ec.generate_private_key(ec.SECP384R1())


def jwk(kid: str | None, key: Private, **more: object) -> dict[str, object]:
    public = key.public_key()
    known = (
        RSAAlgorithm.to_jwk(public, as_dict=True)
        if isinstance(public, rsa.RSAPublicKey)
        else ECAlgorithm.to_jwk(public, as_dict=True)
    )
    return {**known, **({"kid": kid} if kid else {}), **more}


@dataclass
class FakeIssuer:
    url: str = ""
    keys: list[Mapping[str, object]] = field(default_factory=list)
    fetches: int = 0
    "Of the keys."
    is_down: bool = False
    delay: float = 0.0
    answer: bytes | None = None
    "Instead of the keys."
    redirect: str = ""
    discovery: dict[str, object] = field(default_factory=dict)
    "What the discovery document says otherwise."

    def sign(
        self,
        key: Private | bytes = RSA_1,
        kid: str | None = "one",
        algorithm: str = "RS256",
        **changes: object,
    ) -> str:
        """An id token with everything as it should be but for the changes; None leaves a claim out."""
        now = int(time.time())
        claims: dict[str, object] = {
            "iss": self.url, "aud": AUDIENCE, "sub": "anna", "iat": now, "exp": now + 600,
            "tenant": "school", "role": "caller",
        }  # fmt: skip
        claims = {name: value for name, value in (claims | changes).items() if value is not None}
        return jwt.encode(claims, key, algorithm, headers={"kid": kid} if kid else None)


@contextmanager
def issuer() -> Iterator[FakeIssuer]:
    fake = FakeIssuer(keys=[jwk("one", RSA_1), jwk("curve", EC_1)])

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            time.sleep(fake.delay)
            if self.path == "/.well-known/openid-configuration":
                told = {"issuer": fake.url, "jwks_uri": f"{fake.url}/keys", **fake.discovery}
                self._answer(200, json.dumps(told).encode())
                return
            fake.fetches += 1
            if fake.redirect:
                self.send_response(302)
                self.send_header("Location", fake.redirect)
                self.end_headers()
            elif fake.is_down:
                self._answer(503, b"down")
            else:
                self._answer(
                    200, fake.answer if fake.answer is not None else json.dumps({"keys": fake.keys}).encode()
                )

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
