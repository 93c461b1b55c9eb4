"""The example of a Keycloak realm gives the portal and the APIs what their settings ask for, and nothing besides."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from deploy.base.home import ROOT
from services.portal.issuer.model import Pending
from services.portal.issuer.queries import Issuer
from services.portal.settings import CALLBACK, PortalSettings
from shared.kit.web.auth import ALGORITHMS
from shared.kit.web.keys import Keys

REALM = json.loads((ROOT / "deploy" / "keycloak" / "realm-mkd.json").read_text())
CLIENTS = {one["clientId"]: one for one in REALM["clients"]}
SCOPES = {one["name"]: one for one in REALM["clientScopes"]}
PORTAL = CLIENTS[PortalSettings.model_fields["client_id"].default]
PUBLIC = PORTAL["rootUrl"]
ISSUER = "https://sso.example.go.id/realms/mkd"
COMPOSE = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())


PROGRAM = CLIENTS["dashboard"]


def test_a_program_gets_tokens_of_its_own_and_nobody_signs_in_to_it() -> None:
    assert PROGRAM["standardFlowEnabled"] is PROGRAM["publicClient"] is False
    assert (PROGRAM["redirectUris"], PROGRAM["webOrigins"]) == ([], [])
    assert PROGRAM["defaultClientScopes"] == PORTAL["defaultClientScopes"], "its tokens name subject and audience"


@pytest.fixture
def issuer() -> Issuer:
    """Keycloak as the portal sees it, with the endpoints that it tells of itself."""
    keys = Keys(ISSUER)
    at = f"{ISSUER}/protocol/openid-connect"
    keys.about = {"authorization_endpoint": f"{at}/auth", "end_session_endpoint": f"{at}/logout"}
    return Issuer(keys, ISSUER, PORTAL["clientId"], "secret", f"{PUBLIC}{CALLBACK}")


def asked(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


async def test_a_sign_in_comes_back_where_the_realm_lets_it_and_with_its_pkce(issuer: Issuer) -> None:
    said = asked(await issuer.address(Pending("state", "nonce", "verifier", "/"), "id"))
    assert PORTAL["redirectUris"] == [said["redirect_uri"]]
    assert PORTAL["attributes"]["pkce.code.challenge.method"] == said["code_challenge_method"] == "S256"
    assert said["client_id"] == PORTAL["clientId"]
    assert said["response_type"] == "code"
    assert (PORTAL["standardFlowEnabled"], PORTAL["publicClient"]) == (True, False)
    assert said["ui_locales"] in REALM["supportedLocales"]


async def test_a_sign_out_comes_back_where_the_realm_lets_it(issuer: Issuer) -> None:
    held: Any = type("Tokens", (), {"id_token": "id"})()
    address = await issuer.end(held, f"{PUBLIC}/")
    assert address
    assert PORTAL["attributes"]["post.logout.redirect.uris"].split("##") == [asked(address)["post_logout_redirect_uri"]]


def test_tokens_are_for_the_audience_of_the_apis_and_name_their_subject() -> None:
    usual = str(COMPOSE["x-told"]["MKD_AUDIENCE"]).partition(":-")[2].rstrip("}")
    mappers = [mapper for name in PORTAL["defaultClientScopes"] for mapper in SCOPES[name]["protocolMappers"]]
    by_kind = {mapper["protocolMapper"]: mapper["config"] for mapper in mappers}
    audience = by_kind.pop("oidc-audience-mapper")
    assert audience["included.client.audience"] == usual
    assert audience["access.token.claim"] == "true"
    assert by_kind.pop("oidc-sub-mapper")["access.token.claim"] == "true"
    assert not by_kind, "no name, no address and no role leaves the issuer"
    assert CLIENTS[usual]["bearerOnly"] is True
    for name in ("access", "id"):
        assert PORTAL["attributes"][f"{name}.token.signed.response.alg"] in ALGORITHMS


def test_nobody_gets_in_by_another_way_and_no_secret_is_in_the_file() -> None:
    for client in CLIENTS.values():
        for way in ("implicitFlowEnabled", "directAccessGrantsEnabled", "fullScopeAllowed"):
            assert client[way] is False, (client["clientId"], way)
        assert client["serviceAccountsEnabled"] is (client is PROGRAM), client["clientId"]
        assert "secret" not in client
    assert "roles" not in REALM
    assert REALM["revokeRefreshToken"] is True
    assert REALM["accessTokenLifespan"] < REALM["ssoSessionIdleTimeout"]
    settings = PortalSettings.model_fields
    assert REALM["ssoSessionIdleTimeout"] >= 60 * settings["idle_minutes"].default
    assert REALM["ssoSessionMaxLifespan"] >= 3600 * settings["absolute_hours"].default
