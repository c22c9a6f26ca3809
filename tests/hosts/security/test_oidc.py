"""Id tokens against a provider on loopback: the good one passes, and every way of cheating has its own name."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives import serialization
from issuer import AUDIENCE, EC_1, EC_384, RSA_1, RSA_2, RSA_WEAK, FakeIssuer, issuer, jwk

from antiphon.config import Settings
from antiphon.core.errors import CallerError, ProviderError, SetupError
from antiphon.hosts.security.keys import AGAIN, AGAIN_AFTER_FAILURE, FRESH, STALE
from antiphon.hosts.security.oidc import Issuer, Oidc, issuer_of
from antiphon.hosts.security.people import Person, Role

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def fake() -> Iterator[FakeIssuer]:
    with issuer() as fake:
        yield fake


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def verifier(fake: FakeIssuer, clock: Clock | None = None, **more: object) -> Oidc:
    return Oidc(Issuer(fake.url, AUDIENCE, **more), clock or Clock())  # type: ignore[arg-type]


async def code(oidc: Oidc, id_token: str) -> str:
    with pytest.raises(CallerError) as refused:
        await oidc.verify(id_token)
    return refused.value.code


async def test_a_good_token_names_a_person(fake: FakeIssuer):
    oidc = verifier(fake)
    assert await oidc.verify(fake.sign()) == Person("anna", "school", Role.CALLER)
    assert await oidc.verify(fake.sign(EC_1, "curve", "ES256", role="admin")) == Person(
        "anna", "school", Role.ADMIN
    )
    assert fake.fetches == 1


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"exp": int(time.time()) - 60}, "oidc_expired"),
        ({"iat": int(time.time()) + 600}, "oidc_not_yet_valid"),
        ({"nbf": int(time.time()) + 600}, "oidc_not_yet_valid"),
        ({"aud": "another-client"}, "oidc_wrong_audience"),
        ({"aud": ["another", AUDIENCE]}, "oidc_wrong_audience"),
        ({"aud": ["another", AUDIENCE], "azp": "another"}, "oidc_wrong_audience"),
        ({"iss": "https://evil.example"}, "oidc_wrong_issuer"),
        ({"iss": None}, "oidc_missing_claim"),
        ({"aud": None}, "oidc_missing_claim"),
        ({"exp": None}, "oidc_missing_claim"),
        ({"iat": None}, "oidc_missing_claim"),
        ({"sub": None}, "oidc_missing_claim"),
        ({"sub": ""}, "oidc_bad_claim"),
        ({"sub": "a" * 256}, "oidc_bad_claim"),
        ({"sub": "anna\nadmin"}, "oidc_bad_claim"),
        ({"sub": 7}, "oidc_malformed"),
        ({"exp": "soon"}, "oidc_malformed"),
        ({"tenant": "a\x1fb"}, "oidc_bad_claim"),
        ({"tenant": ["school"]}, "oidc_bad_claim"),
        ({"tenant": ""}, "oidc_bad_claim"),
    ],
)
async def test_claims_that_will_not_do(fake: FakeIssuer, changes: dict[str, object], expected: str):
    assert await code(verifier(fake), fake.sign(**changes)) == expected


async def test_a_token_for_several_is_ours_when_it_was_made_for_us(fake: FakeIssuer):
    token = fake.sign(aud=["another", AUDIENCE], azp=AUDIENCE)
    assert (await verifier(fake).verify(token)).id == "anna"


def unsigned(header: dict[str, object], body: str, signature: bytes = b"") -> str:
    def part(raw: bytes) -> str:
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    return f"{part(json.dumps(header).encode())}.{body}.{part(signature)}"


@pytest.mark.parametrize(
    "alg", ["none", "None", "NONE", "", None, "HS256", "RS512", "PS256", "ES384", ["RS256"], 5]
)
async def test_only_two_signatures_are_accepted(fake: FakeIssuer, alg: object):
    token = unsigned({"alg": alg, "kid": "one"}, fake.sign().split(".")[1], b"x" * 256)
    assert await code(verifier(fake), token) in ("oidc_bad_algorithm", "oidc_malformed")
    assert fake.fetches == 0


async def test_the_public_key_is_no_shared_secret(fake: FakeIssuer):
    public = RSA_1.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    body = fake.sign(role="admin").split(".")[1]
    unsigned_part = unsigned({"alg": "HS256", "kid": "one"}, body).rpartition(".")[0]
    mac = hmac.new(public, unsigned_part.encode(), hashlib.sha256).digest()
    forged = unsigned({"alg": "HS256", "kid": "one"}, body, mac)
    assert await code(verifier(fake), forged) == "oidc_bad_algorithm"


async def test_a_shared_secret_among_the_keys_is_ignored(fake: FakeIssuer):
    secret = base64.urlsafe_b64encode(b"s" * 32).rstrip(b"=").decode()
    fake.keys.append({"kty": "oct", "k": secret, "kid": "shared"})
    oidc = verifier(fake)
    assert await code(oidc, fake.sign(b"s" * 32, "shared", "HS256")) == "oidc_bad_algorithm"
    body = fake.sign().split(".")[1]
    assert await code(oidc, unsigned({"alg": "RS256", "kid": "shared"}, body, b"x")) == "oidc_unknown_key"


async def test_a_key_serves_only_its_own_kind_of_signature(fake: FakeIssuer):
    oidc = verifier(fake)
    assert await code(oidc, fake.sign(EC_1, "one", "ES256")) == "oidc_unknown_key"
    assert await code(oidc, fake.sign(RSA_1, "curve", "RS256")) == "oidc_unknown_key"
    fake.keys = [jwk("one", RSA_1, use="enc"), jwk("big", EC_384), jwk("other", RSA_1, alg="RS512")]
    oidc = verifier(fake)
    for token in (fake.sign(), fake.sign(RSA_1, "other")):
        with pytest.raises(ProviderError):
            await oidc.verify(token)


async def test_a_weak_key_proves_nothing(fake: FakeIssuer):
    fake.keys = [jwk("one", RSA_WEAK)]
    with pytest.warns(Warning, match="2048|key"):
        token = fake.sign(RSA_WEAK)
    assert await code(verifier(fake), token) == "oidc_forged"


async def test_another_key_under_a_known_name_is_a_forgery(fake: FakeIssuer):
    assert await code(verifier(fake), fake.sign(RSA_2, "one")) == "oidc_forged"


async def test_a_key_that_the_token_brings_along_is_not_looked_at(fake: FakeIssuer):
    import jwt

    own = jwk("mine", RSA_2)
    claims = jwt.decode(fake.sign(role="admin"), options={"verify_signature": False})
    for headers in ({"kid": "one", "jwk": own}, {"kid": "one", "jku": "https://evil.example/keys"}):
        forged = jwt.encode(claims, RSA_2, "RS256", headers=headers)
        assert await code(verifier(fake), forged) == "oidc_forged"


@pytest.mark.parametrize(
    "text", ["", "x", "a.b.c", "é", "\x00" * 10, "a" * 20000, "eyJhbGciOiJSUzI1NiJ9", "...."]
)
async def test_nonsense_is_no_token(fake: FakeIssuer, text: str):
    assert await code(verifier(fake), text) == "oidc_malformed"


async def test_without_a_key_id_the_only_key_is_meant(fake: FakeIssuer):
    assert (await verifier(fake).verify(fake.sign(kid=None))).id == "anna"
    fake.keys.append(jwk("two", RSA_2))
    assert await code(verifier(fake), fake.sign(kid=None)) == "oidc_unknown_key"


# ---- keys that come and go -----------------------------------------------------------------------------
async def test_unknown_keys_are_asked_for_once_a_minute_however_many_come(fake: FakeIssuer):
    clock = Clock()
    oidc = verifier(fake, clock)
    await oidc.verify(fake.sign())
    for n in range(50):
        assert await code(oidc, fake.sign(RSA_2, f"unknown-{n}")) == "oidc_unknown_key"
    assert fake.fetches == 1
    clock.now += AGAIN
    for n in range(50):
        assert await code(oidc, fake.sign(RSA_2, f"unknown-{n}")) == "oidc_unknown_key"
    assert fake.fetches == 2


async def test_rotated_keys_are_found_and_withdrawn_ones_forgotten(fake: FakeIssuer):
    clock = Clock()
    oidc = verifier(fake, clock)
    await oidc.verify(fake.sign())
    fake.keys = [jwk("two", RSA_2)]
    clock.now += AGAIN
    assert (await oidc.verify(fake.sign(RSA_2, "two"))).id == "anna"
    assert await code(oidc, fake.sign(RSA_1, "one")) == "oidc_unknown_key"


async def test_a_withdrawn_key_is_good_no_longer_than_keys_are_fresh(fake: FakeIssuer):
    clock = Clock()
    oidc = verifier(fake, clock)
    await oidc.verify(fake.sign())
    fake.keys = [jwk("two", RSA_2)]
    clock.now += FRESH + 1
    assert await code(oidc, fake.sign()) == "oidc_unknown_key"


async def test_known_keys_serve_through_an_outage_but_not_for_ever(fake: FakeIssuer):
    clock = Clock()
    oidc = verifier(fake, clock)
    await oidc.verify(fake.sign())
    fake.is_down = True
    clock.now += STALE - 1
    assert (await oidc.verify(fake.sign())).id == "anna"
    clock.now += 2
    with pytest.raises(ProviderError, match="cannot be reached"):
        await oidc.verify(fake.sign())
    fake.is_down = False
    clock.now += AGAIN
    assert (await oidc.verify(fake.sign())).id == "anna"


async def test_an_issuer_that_is_down_is_asked_again_soon_but_not_each_time(fake: FakeIssuer):
    clock = Clock()
    oidc = verifier(fake, clock)
    fake.is_down = True
    for _ in range(10):
        with pytest.raises(ProviderError):
            await oidc.verify(fake.sign())
    assert fake.fetches == 1
    fake.is_down = False
    clock.now += AGAIN_AFTER_FAILURE
    assert (await oidc.verify(fake.sign())).id == "anna"


async def test_nobody_there_at_all_is_unreachable():
    oidc = Oidc(Issuer("http://127.0.0.1:9", AUDIENCE), Clock())
    with issuer() as fake, pytest.raises(ProviderError):
        await oidc.verify(fake.sign())


@pytest.mark.parametrize(
    "answer", [b"", b"<html>", b"[]", b"{}", b'{"keys": 5}', b'{"keys": []}', b"[" * 200_000]
)
async def test_an_answer_without_keys_is_none(fake: FakeIssuer, answer: bytes):
    fake.answer = answer
    with pytest.raises(ProviderError):
        await verifier(fake).verify(fake.sign())


async def test_an_endless_answer_is_not_read_to_its_end(fake: FakeIssuer):
    fake.answer = b" " * 300_000 + json.dumps({"keys": fake.keys}).encode()
    with pytest.raises(ProviderError):
        await verifier(fake).verify(fake.sign())


async def test_redirects_are_not_followed(fake: FakeIssuer):
    with issuer() as other:
        fake.redirect = f"{other.url}/keys"
        with pytest.raises(ProviderError):
            await verifier(fake).verify(fake.sign())
        assert other.fetches == 0


@pytest.mark.parametrize(
    "said",
    [
        {"issuer": "https://evil.example"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "http://10.0.0.1/k"},
    ],
)
async def test_a_discovery_document_that_leads_astray_is_not_followed(
    fake: FakeIssuer, said: dict[str, object]
):
    fake.discovery = said
    with pytest.raises(ProviderError):
        await verifier(fake).verify(fake.sign())
    assert fake.fetches == 0


async def test_the_event_loop_goes_on_while_keys_are_fetched(fake: FakeIssuer):
    fake.delay = 0.15
    oidc = verifier(fake, keys_url=f"{fake.url}/keys")
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.005)
            ticks += 1

    ticking = asyncio.create_task(tick())
    people = await asyncio.gather(*(oidc.verify(fake.sign()) for _ in range(10)))
    ticking.cancel()
    assert len(people) == 10 and fake.fetches == 1
    assert ticks >= 5, "a loop that waits for the keys ticks once at most"


# ---- who they are here ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("said", "role"),
    [
        ("supervisor", Role.SUPERVISOR),
        (["caller", "admin", "gardener"], Role.ADMIN),
        ("Admin", Role.CALLER),
        ("superadmin", Role.CALLER),
        (True, Role.CALLER),
        ({"admin": True}, Role.CALLER),
        ([["admin"]], Role.CALLER),
        (None, Role.CALLER),
    ],
)
async def test_roles_are_only_those_named(fake: FakeIssuer, said: object, role: Role):
    assert (await verifier(fake).verify(fake.sign(role=said))).role is role


async def test_a_flag_named_admin_means_nothing_outside_firebase(fake: FakeIssuer):
    assert (await verifier(fake).verify(fake.sign(admin=True))).role is Role.CALLER
    assert (await verifier(fake, has_role_flags=True).verify(fake.sign(admin=True))).role is Role.ADMIN
    for value in ("true", 1, [True]):
        person = await verifier(fake, has_role_flags=True).verify(fake.sign(admin=value))
        assert person.role is Role.CALLER


async def test_claims_may_be_nested_or_named_by_a_url(fake: FakeIssuer):
    oidc = verifier(fake, tenant_claim="https://example.com/org", role_claim="realm_access.roles")
    claims = {"https://example.com/org": "clinic", "realm_access": {"roles": ["supervisor"]}, "role": "admin"}
    assert await oidc.verify(fake.sign(**claims)) == Person("anna", "clinic", Role.SUPERVISOR)
    assert (await oidc.verify(fake.sign(realm_access="admin"))).tenant == "default"


def test_firebase_needs_its_project_and_nothing_else():
    found = issuer_of(Settings(firebase_project="my-app"))
    assert found is not None
    assert found.url == "https://securetoken.google.com/my-app"
    assert found.audience == "my-app"
    assert found.keys_url.startswith("https://www.googleapis.com/service_accounts/v1/jwk/securetoken")
    assert found.tenant_claim == "firebase.tenant"


async def test_a_firebase_token_names_a_person(fake: FakeIssuer):
    oidc = verifier(fake, keys_url=f"{fake.url}/keys", tenant_claim="firebase.tenant", has_role_flags=True)
    token = fake.sign(tenant=None, role=None, supervisor=True, firebase={"tenant": "clinic"}, user_id="anna")
    assert await oidc.verify(token) == Person("anna", "clinic", Role.SUPERVISOR)


def test_settings_that_contradict_each_other_say_so():
    assert issuer_of(Settings()) is None
    with pytest.raises(SetupError, match="AUDIENCE"):
        issuer_of(Settings(oidc_issuer="https://id.example"))
    with pytest.raises(SetupError, match="exclude"):
        issuer_of(Settings(oidc_issuer="https://id.example", firebase_project="p"))
    for url in ("http://id.example", "ftp://id.example", "file:///keys", "id.example", "https://"):
        with pytest.raises(SetupError, match="https://"):
            Oidc(Issuer(url, AUDIENCE))
