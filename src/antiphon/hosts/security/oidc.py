"""Who an OpenID provider says somebody is: its id tokens, checked (OpenID Connect Core 1.0, section 3.1.3.7)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import jwt

from antiphon.config import Settings
from antiphon.core.errors import CallerError, SetupError
from antiphon.hosts.security.keys import ALGORITHMS, Fetch, KeySet
from antiphon.hosts.security.people import Person, Role

SKEW = 30.0
"Seconds by which the provider's clock and ours may differ."
MAX_TOKEN = 16384
"Characters of an id token worth looking at."
MAX_NAME = 255
"Characters of `sub` (OpenID Connect Core 1.0, section 2); we hold tenants to the same."
NO_TENANT = "default"
"The tenant of people whose token names none."

FIREBASE = "https://securetoken.google.com/"
FIREBASE_KEYS = "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com"


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whose tokens we trust, and how to read them."""

    url: str
    audience: str
    keys_url: str = ""
    "Empty: asked for by discovery."
    tenant_claim: str = "tenant"
    "Dots lead into nested claims, as in `firebase.tenant`."
    role_claim: str = "role"
    has_role_flags: bool = False
    "A claim `admin` or `supervisor` that is true is a role too: Firebase's usual custom claims."


def issuer_of(settings: Settings) -> Issuer | None:
    """The issuer of the settings, or None when people do not sign in. Raises SetupError when it is incomplete."""
    if settings.firebase_project and settings.oidc_issuer:
        raise SetupError("ANTIPHON_FIREBASE_PROJECT and ANTIPHON_OIDC_ISSUER exclude each other; unset one")
    if project := settings.firebase_project:
        tenant = settings.oidc_tenant_claim
        return Issuer(
            FIREBASE + project,
            project,
            FIREBASE_KEYS,
            "firebase.tenant" if tenant == "tenant" else tenant,
            settings.oidc_role_claim,
            has_role_flags=True,
        )
    if not settings.oidc_issuer:
        return None
    if not settings.oidc_audience:
        raise SetupError("ANTIPHON_OIDC_ISSUER needs ANTIPHON_OIDC_AUDIENCE: our client id with that issuer")
    return Issuer(
        settings.oidc_issuer,
        settings.oidc_audience,
        settings.oidc_jwks_url,
        settings.oidc_tenant_claim,
        settings.oidc_role_claim,
    )


class Oidc:
    """Checks id tokens of one issuer. Shared by all requests."""

    def __init__(
        self, issuer: Issuer, clock: Callable[[], float] = time.monotonic, fetch: Fetch | None = None
    ) -> None:
        """`clock`, in seconds, says how old the issuer's keys are."""
        self.issuer = issuer
        self._keys = KeySet(issuer.url, issuer.keys_url, clock, fetch)

    async def verify(self, id_token: str) -> Person:
        """Whom the token names. Raises CallerError, whose code says what is wrong with the token;
        ProviderError when the issuer's keys cannot be had.
        """
        header = self._header(id_token)
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm not in ALGORITHMS or not isinstance(kid, str | None):
            raise _refused("is signed in a way we do not accept", "oidc_bad_algorithm")
        key = await self._keys.key(kid, str(algorithm))
        if key is None:
            raise _refused("is signed with a key that the issuer does not have", "oidc_unknown_key")
        return self._person(self._claims(id_token, key, str(algorithm)))

    def close(self) -> None:
        """No fetch will be started any more."""
        self._keys.close()

    def _header(self, id_token: str) -> dict[str, object]:
        try:
            if len(id_token) > MAX_TOKEN:
                raise jwt.DecodeError("too long")
            return dict(jwt.get_unverified_header(id_token))
        except (jwt.PyJWTError, ValueError):
            raise _refused("cannot be read", "oidc_malformed") from None

    def _claims(self, id_token: str, key: jwt.PyJWK, algorithm: str) -> Mapping[str, object]:
        try:
            return jwt.decode(
                id_token,
                key,
                algorithms=[algorithm],
                audience=self.issuer.audience,
                issuer=self.issuer.url,
                leeway=SKEW,
                options={"require": ["iss", "aud", "exp", "iat", "sub"], "enforce_minimum_key_length": True},
            )
        except jwt.ExpiredSignatureError:
            raise _refused("has expired; sign in again", "oidc_expired") from None
        except jwt.ImmatureSignatureError:
            raise _refused("is not valid yet", "oidc_not_yet_valid") from None
        except jwt.InvalidAudienceError:
            raise _refused("is meant for another application", "oidc_wrong_audience") from None
        except jwt.InvalidIssuerError:
            raise _refused("comes from another issuer", "oidc_wrong_issuer") from None
        except jwt.MissingRequiredClaimError as error:
            raise _refused(f"has no {error.claim}", "oidc_missing_claim") from None
        except (jwt.InvalidSignatureError, jwt.InvalidAlgorithmError, jwt.InvalidKeyError):
            raise _refused("was not signed by the issuer", "oidc_forged") from None
        except (jwt.PyJWTError, ValueError):
            raise _refused("cannot be read", "oidc_malformed") from None

    def _person(self, claims: Mapping[str, object]) -> Person:
        # Who else the token is for may act with it; it is ours when it was made for us (azp).
        audience, party = claims["aud"], claims.get("azp")
        if isinstance(audience, list) and len(audience) > 1 and party != self.issuer.audience:
            raise _refused("is meant for another application", "oidc_wrong_audience")
        tenant = _lookup(claims, self.issuer.tenant_claim)
        return Person(
            _name(claims["sub"], "sub"),
            NO_TENANT if tenant is None else _name(tenant, self.issuer.tenant_claim),
            self._role(claims),
        )

    def _role(self, claims: Mapping[str, object]) -> Role:
        """The highest role named. Nobody who is not named one is more than a caller."""
        named = _lookup(claims, self.issuer.role_claim)
        names = named if isinstance(named, list) else [named]
        roles = [role for role in Role if role.value in names]
        if self.issuer.has_role_flags:
            roles += [role for role in Role if claims.get(role.value) is True]
        return max(roles, key=lambda role: role.rank, default=Role.CALLER)


def _lookup(claims: Mapping[str, object], path: str) -> object:
    """What is at the path. A claim whose own name has dots, as URLs do, comes first."""
    if path in claims:
        return claims[path]
    at: object = claims
    for step in path.split("."):
        if not isinstance(at, Mapping):
            return None
        at = at.get(step)
    return at


def _name(value: object, claim: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= MAX_NAME or not value.isprintable():
        raise _refused(f"has a {claim} that cannot be used", "oidc_bad_claim")
    return value


def _refused(what: str, code: str) -> CallerError:
    return CallerError(f"the id token {what}", field="id_token", code=code)
