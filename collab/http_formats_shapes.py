"""How the outcome of an import looks in JSON. Pure."""

from collab.http_ports import DocumentView
from collab.http_shapes import Json, Shown, playlist_json
from collab.imports import Report, Unmatched
from collab.matching import Way
from storage.store import User


def imported_json(base: str, view: DocumentView, owner_id: str, owner: User | None, report: Report) -> Json:
    """The playlist as it stands in lists, and the report."""
    return {
        "playlist": playlist_json(Shown(base, view, owner_id, owner, 0)),
        "report": report_json(report),
    }


def report_json(report: Report) -> Json:
    return {
        "entries": report.entries,
        "imported": report.imported,
        "matched": {way.value: report.matched.get(way.value, 0) for way in Way},
        "kept": report.kept,
        "left_out": report.left_out,
        "shortened": report.shortened,
        "unmatched": [_unmatched_json(one) for one in report.unmatched],
        "unmatched_total": report.kept + report.left_out,
    }


def _unmatched_json(one: Unmatched) -> Json:
    return {
        "position": one.position,
        "line": one.listed.line or None,
        "title": one.listed.title,
        "artists": list(one.listed.artists),
        "uri": one.listed.uri,
        "kept": one.kept,
        "code": one.code,
        "message": one.message,
    }
