"""Sessions in the database. They live by real time, whatever the business clock says."""

import asyncio
import base64
import hashlib
import secrets
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken
from pydantic import ValidationError
from pymongo import IndexModel

from services.portal.session.document import sealed, session_document, stored_session
from services.portal.session.model import Limits, Session, Tokens
from shared.kit.base.mongo import Database
from shared.kit.web.auth import Identity

INDEXES = {"sessions": (IndexModel([("expires_at", 1)], name="over", expireAfterSeconds=0),)}
COOKIE_BYTES = 32
RENEWING = timedelta(seconds=10)
"""How long one call may take to renew a token before another tries."""
LOOKED_EVERY_S = 0.1


def key_of(cookie: str) -> str:
    """The name of a session in the database, which does not tell what its cookie holds."""
    return hashlib.sha256(cookie.encode()).hexdigest()


def sealing_key(known: str) -> bytes:
    """What Fernet takes for a key, from a secret of any form."""
    return base64.urlsafe_b64encode(hashlib.sha256(known.encode()).digest())


@dataclass(frozen=True)
class Sessions:
    """All sessions of an instance."""

    db: Database
    seal: Fernet
    limits: Limits
    now: Callable[[], datetime]

    async def begin(self, who: Identity, tokens: Tokens) -> str:
        """A new session, with a name of its own whatever the browser had before; what its cookie is to hold."""
        cookie, now = secrets.token_urlsafe(COOKIE_BYTES), self.now()
        session = Session(key_of(cookie), who.iss, who.sub, tokens, secrets.token_bytes(COOKIE_BYTES), now, now)
        await self.db.sessions.insert_one(session_document(session, self.seal, self.limits))
        return cookie

    async def find(self, cookie: str, *, seen: bool = True) -> Session | None:
        """The session of a cookie, if it is not over, and that it is in use where somebody was `seen`."""
        session = await self._read(key_of(cookie))
        if session is None:
            return None
        now = self.now()
        if now >= session.ends_at(self.limits):
            await self.end(session)
            return None
        if not seen or not session.wants_noting(now):
            return session
        noted = replace(session, seen_at=now)
        change = {"seen_at": now, "expires_at": noted.ends_at(self.limits)}
        await self.db.sessions.update_one({"_id": session.key}, {"$set": change})
        return noted

    async def alive(self, keys: Collection[str]) -> set[str]:
        """Those of some sessions that are not over."""
        where = {"_id": {"$in": sorted(keys)}, "expires_at": {"$gt": self.now()}}
        return {one["_id"] async for one in self.db.sessions.find(where, {"_id": 1})}

    async def renewed(self, session: Session, renew: Callable[[Tokens], Awaitable[Tokens]]) -> Session | None:
        """The session with a token that lasts: renewed by one call at a time, for which others wait, as an issuer that
        rotates tokens takes a second use for a theft. None where the session has ended meanwhile. Raises what `renew`
        does."""
        found: Session | None = session
        while found and found.wants_renewal(now := self.now()):
            free = {"_id": session.key, "$or": [{"renewing_until": None}, {"renewing_until": {"$lte": now}}]}
            mine = await self.db.sessions.update_one(free, {"$set": {"renewing_until": now + RENEWING}})
            if mine.modified_count:
                return await self._renew(session.key, renew)
            await asyncio.sleep(LOOKED_EVERY_S)
            found = await self._read(session.key)
        return found

    async def _renew(self, key: str, renew: Callable[[Tokens], Awaitable[Tokens]]) -> Session | None:
        """What was read before the turn came may have been renewed meanwhile, and is read again."""
        change: dict[str, object] = {"renewing_until": None}
        try:
            found = await self._read(key)
            if found and found.wants_renewal(self.now()):
                found = replace(found, tokens=await renew(found.tokens))
                change["sealed"] = sealed(found.tokens, self.seal)
            return found
        finally:
            await self.db.sessions.update_one({"_id": key}, {"$set": change})

    async def end(self, session: Session) -> None:
        """Forget a session."""
        await self.db.sessions.delete_one({"_id": session.key})

    async def _read(self, key: str) -> Session | None:
        found = await self.db.sessions.find_one({"_id": key})
        try:
            return stored_session(found, self.seal) if found else None
        except (InvalidToken, ValidationError):
            return None
