"""How a session is stored: tokens encrypted, so that a copy of the database signs nobody in."""

import json
from datetime import UTC, datetime

from cryptography.fernet import Fernet
from pydantic import BaseModel, ConfigDict, Field

from services.portal.session.model import Limits, Session, Tokens
from shared.kit.decisions.decider import Document


class StoredTokens(BaseModel):
    """Tokens before they are encrypted."""

    access: str
    access_until: datetime
    refresh: str | None
    id_token: str


class StoredSession(BaseModel):
    """A session as it stands in the database."""

    model_config = ConfigDict(extra="ignore")

    key: str = Field(alias="_id")
    iss: str
    sub: str
    sealed: bytes
    csrf: bytes
    begun_at: datetime
    seen_at: datetime


def sealed(tokens: Tokens, seal: Fernet) -> bytes:
    """Tokens, encrypted."""
    said = {
        "access": tokens.access,
        "access_until": tokens.access_until.isoformat(),
        "refresh": tokens.refresh,
        "id_token": tokens.id_token,
    }
    return seal.encrypt(json.dumps(said).encode())


def session_document(session: Session, seal: Fernet, limits: Limits) -> Document:
    """A session to be stored."""
    return {
        "_id": session.key,
        "iss": session.iss,
        "sub": session.sub,
        "sealed": sealed(session.tokens, seal),
        "csrf": session.csrf,
        "begun_at": session.begun_at,
        "seen_at": session.seen_at,
        "expires_at": session.ends_at(limits),
    }


def stored_session(found: Document, seal: Fernet) -> Session:
    """A session that was stored. Raises `InvalidToken` where it was sealed with another key."""
    one = StoredSession.model_validate(found)
    tokens = StoredTokens.model_validate_json(seal.decrypt(one.sealed))
    return Session(
        key=one.key,
        iss=one.iss,
        sub=one.sub,
        tokens=Tokens(tokens.access, tokens.access_until.astimezone(UTC), tokens.refresh, tokens.id_token),
        csrf=one.csrf,
        begun_at=one.begun_at,
        seen_at=one.seen_at,
    )
