"""The endpoint that says what else would go well with a playlist, and why."""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collab.http_ports import EntryFields
from collab.http_requests import identify, path_id, read_limit
from collab.http_track_shapes import Json, track_json
from collab.services import Services
from collab.suggestions import Answer, Suggested, Why
from collab.uris import shown_uri

SUGGESTIONS_LIMIT: Final = 20
SUGGESTIONS_LIMIT_MAX: Final = 50
# Names in one reason; `mine` counts them all.
NAMES_SHOWN: Final = 5


class SuggestionEndpoints:
    def __init__(self, services: Services) -> None:
        self._services = services

    def routes(self) -> list[Route]:
        return [Route("/v1/playlists/{playlist}/suggestions", self.suggest, methods=["GET"])]

    async def suggest(self, request: Request) -> Response:
        """Tracks that stand together with those of the playlist elsewhere on this server."""
        user = (await identify(request, self._services)).user_id
        limit = read_limit(request.query_params, SUGGESTIONS_LIMIT, SUGGESTIONS_LIMIT_MAX)
        view = await self._services.documents.read(path_id(request, "playlist"), user)
        entries = {str(entry["track"]): entry for entry in view.entries}
        answer = await self._services.suggestions.suggest(user, entries, limit)
        return JSONResponse(answer_json(str(request.base_url), answer, entries, limit))


def answer_json(base: str, answer: Answer, entries: Mapping[str, EntryFields], limit: int) -> Json:
    """`entries` are those of the playlist that was asked about, by track."""
    return {
        "items": [_suggestion_json(base, suggestion, entries) for suggestion in answer.suggestions],
        "limit": limit,
        "considered": answer.documents,
        "complete": answer.is_complete,
    }


def _suggestion_json(base: str, suggestion: Suggested, entries: Mapping[str, EntryFields]) -> Json:
    return {
        "track": track_json(base, {**suggestion.about, "track": suggestion.track}),
        "score": suggestion.score,
        "reasons": [_reason_json(why, entries[why.track]) for why in suggestion.reasons],
    }


def _reason_json(why: Why, entry: EntryFields) -> Json:
    return {
        "with": {"uri": shown_uri(why.track), "name": entry.get("title", "")},
        "lists": why.documents,
        "mine": len(why.own),
        "names": [name for _, name in why.own[:NAMES_SHOWN]],
    }
