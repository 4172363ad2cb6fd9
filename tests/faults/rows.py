"""All rows, in the order of the table."""

from tests.faults import (
    bus,
    doors,
    hostile,
    jams,
    nodes,
    pasts,
    postgres,
    readers,
    replay,
    resends,
    sqlite,
    storm,
    trust,
)
from tests.faults.row import Row

ROWS: dict[str, Row] = {
    row.name: row
    for row in (
        *nodes.ROWS,
        *storm.ROWS,
        *bus.ROWS,
        *replay.ROWS,
        *postgres.ROWS,
        *sqlite.ROWS,
        *readers.ROWS,
        *resends.ROWS,
        *pasts.ROWS,
        *hostile.ROWS,
        *doors.ROWS,
        *jams.ROWS,
        *trust.ROWS,
    )
}
