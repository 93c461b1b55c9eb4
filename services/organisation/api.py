"""What organisation answers over HTTP, all in one router."""

from fastapi import APIRouter

from services.organisation import erasure, exports, imports, lookups, previews

router = APIRouter(prefix="/v1", tags=["organisation"])
for room in (imports, previews, exports, lookups, erasure):
    router.include_router(room.router)
