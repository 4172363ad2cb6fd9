"""An app developer's own issuer: keys on a real socket of this machine, and tokens that they sign."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

NAME = "https://accounts.example.com/"
AUDIENCE = "tutti.example.com"

Json = dict[str, Any]


class Signer:
    """A key pair with a name."""

    def __init__(self, kid: str, algorithm: str = "ES256") -> None:
        self.kid = kid
        self.algorithm = algorithm
        self._private: Any
        match algorithm:
            case "ES256":
                self._private, codec = ec.generate_private_key(ec.SECP256R1()), ECAlgorithm
            case "EdDSA":
                self._private, codec = ed25519.Ed25519PrivateKey.generate(), OKPAlgorithm
            case _:
                bits = 1024 if algorithm == "weak" else 2048
                self.algorithm = "RS256"
                self._private, codec = rsa.generate_private_key(65537, bits), RSAAlgorithm
        public: Json = codec.to_jwk(self._private.public_key(), as_dict=True)
        self.jwk: Json = public | {"kid": kid, "use": "sig", "alg": self.algorithm}

    def sign(self, claims: Json, **header: Any) -> str:
        return jwt.encode(
            claims, self._private, algorithm=self.algorithm, headers={"kid": self.kid, **header}
        )


def claims(subject: str, now_ms: int, life_s: float = 900, **more: Any) -> Json:
    """Of a good token, but for `more`; what is None is left out."""
    now_s = now_ms / 1000
    own = {"iss": NAME, "aud": AUDIENCE, "sub": subject, "iat": now_s, "exp": now_s + life_s}
    return {key: value for key, value in (own | more).items() if value is not None}


class KeyServer:
    """Shows `body` at `url`, or what is wrong with it. `asked` counts the questions."""

    def __init__(self) -> None:
        self.url = ""
        self.asked = 0
        self.body = b""
        self.status = "200 OK"
        # Set: answers come. Cleared: they are being written for ever.
        self.answers = asyncio.Event()
        self.answers.set()
        self.was_asked = asyncio.Event()

    def show(self, *signers: Signer) -> None:
        self.status, self.body = "200 OK", json.dumps({"keys": [signer.jwk for signer in signers]}).encode()

    def fail(self) -> None:
        self.status, self.body = "500 Internal Server Error", b"{}"

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            self.asked += 1
            self.was_asked.set()
            await self.answers.wait()
            head = f"HTTP/1.1 {self.status}\r\ncontent-length: {len(self.body)}\r\nconnection: close\r\n\r\n"
            writer.write(head.encode() + self.body)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def key_server(*signers: Signer) -> AsyncIterator[KeyServer]:
    keys = KeyServer()
    keys.show(*signers)
    server = await asyncio.start_server(keys._answer, "127.0.0.1", 0)
    keys.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/jwks.json"
    try:
        yield keys
    finally:
        keys.answers.set()
        server.close()
