"""Pictures of documents, as SQL.

As `storage.history`. A picture has an id that its content gives it, so what was shown under an address once
is never something else. Knows ids and bytes. Does not know what is in a picture.
"""

from sqlalchemy import Connection, delete, insert, select

from storage import tables
from storage.history import head

_pictures = tables.pictures


def add_picture(
    connection: Connection, document: str, picture: str, content: bytes, now_ms: int, most: int
) -> bool:
    # One after the other: of two that come at once, neither sees too many.
    if head(connection, document, hold="write") is None:
        return False
    mine = _pictures.c.document == document
    connection.execute(delete(_pictures).where(mine, _pictures.c.id == picture))
    connection.execute(
        insert(_pictures).values(document=document, id=picture, content=content, added_ms=now_ms)
    )
    newest = select(_pictures.c.id).where(mine).order_by(_pictures.c.added_ms.desc(), _pictures.c.id)
    old = list(connection.scalars(newest.offset(most)))
    if old:
        connection.execute(delete(_pictures).where(mine, _pictures.c.id.in_(old)))
    return True


def picture(connection: Connection, document: str, picture: str) -> bytes | None:
    asked = (_pictures.c.document == document, _pictures.c.id == picture)
    content: bytes | None = connection.scalar(select(_pictures.c.content).where(*asked))
    return content
