"""What is believed of an OpenID Connect provider: only what it signed, for us, now, and for the session that asked.

`django-allauth` leaves the signature of an ID token unchecked because the token comes from the provider itself, and
knows no `nonce`. Here both are checked, and the other things that OpenID Connect Core 1.0, 3.1.3.7 asks for.
"""

from base64 import urlsafe_b64encode
from hashlib import sha256
from hmac import compare_digest
from typing import Any
from urllib.parse import urlsplit

import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest

# Signatures with a private half that only the provider has: never `none`, never one made with a shared secret.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
_CLAIMS = ["iss", "sub", "aud", "exp", "iat", "nonce"]
_SKEW = 60  # seconds by which two clocks may differ
_ADDRESSES = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Untrusted(OAuth2Error):
    """The provider said something that must not be believed. The message says what, and names nobody."""


class Adapter(OpenIDConnectOAuth2Adapter):
    """Talks to the provider and checks each answer."""

    _nonce = ""

    @property
    def openid_config(self) -> dict[str, Any]:
        """What the provider says about itself. Raises Untrusted."""
        issuer = self.get_provider().app.settings["server_url"]
        _require_https(issuer)
        config = super().openid_config
        if config.get("issuer") != issuer:  # OpenID Connect Discovery 1.0, 4.3
            raise Untrusted("The provider's metadata name another issuer than OIDC_ISSUER")
        for address in _ADDRESSES:
            _require_https(config[address])
        return config

    def get_access_token_data(
        self, request: HttpRequest, app: Any, client: Any, pkce_code_verifier: str | None = None
    ) -> Any:
        self._nonce = _nonce_of(pkce_code_verifier or "")
        return super().get_access_token_data(request, app, client, pkce_code_verifier)

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        if not kwargs["response"].get("id_token"):
            raise Untrusted("The provider gave no ID token")
        login = super().complete_login(request, app, token, **kwargs)
        said = login.account.extra_data
        if said["userinfo"].get("sub") != said["id_token"]["sub"]:  # OpenID Connect Core 1.0, 5.3.2
            raise Untrusted("The ID token and the user information are of two people")
        return login

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        """The claims of the ID token. Raises Untrusted."""
        config = self.openid_config
        with get_adapter().get_requests_session() as session:
            answer = session.get(config["jwks_uri"])
            answer.raise_for_status()
        try:
            claims = jwt.decode(
                id_token,
                _key(jwt.PyJWKSet.from_dict(answer.json()), jwt.get_unverified_header(id_token)),
                algorithms=_ALGORITHMS,
                issuer=config["issuer"],
                audience=app.client_id,
                leeway=_SKEW,
                options={"require": _CLAIMS},
            )
        except jwt.PyJWTError as refused:
            raise Untrusted(f"The ID token is refused: {type(refused).__name__}") from refused
        if claims["aud"] not in (app.client_id, [app.client_id]) or claims.get("azp", app.client_id) != app.client_id:
            raise Untrusted("The ID token is for others too")
        if not compare_digest(str(claims["nonce"]).encode(), self._nonce.encode()):
            raise Untrusted("The ID token answers another request")
        return claims


class Provider(OpenIDConnectProvider):
    """The institution's provider (`provider_class`)."""

    oauth2_adapter_class = Adapter

    def wk_server_url(self, url: str) -> str:
        return super().wk_server_url(url.rstrip("/"))

    def get_pkce_params(self) -> dict[str, Any]:
        """The nonce goes with them: both belong to this request and to this session."""
        params = super().get_pkce_params()
        return {**params, "nonce": _nonce_of(params["code_verifier"])}

    def get_auth_params_from_request(self, request: HttpRequest, action: str) -> dict[str, Any]:
        return self.get_auth_params()  # the address of our page adds nothing to what we ask the provider

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        return self.get_scope()


def _nonce_of(verifier: str) -> str:
    """A hash of the secret that the session keeps for this request, as OpenID Connect Core 1.0, 15.5.2 proposes."""
    return urlsafe_b64encode(sha256(b"kalkan nonce " + verifier.encode()).digest()).decode().rstrip("=")


def _key(keys: jwt.PyJWKSet, header: dict[str, Any]) -> jwt.PyJWK:
    """The provider's key that the token names; its only one where the token names none. Raises PyJWTError."""
    kid = header.get("kid")
    fitting = [key for key in keys.keys if key.public_key_use in (None, "sig") and kid in (None, key.key_id)]
    if len(fitting) != 1:
        raise jwt.InvalidKeyError
    return fitting[0]


def _require_https(address: str) -> None:
    """Raises Untrusted where others could read or answer on the way; on this machine nobody is in between."""
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise Untrusted("An address of the provider is not https")
