"""All rows, in the order of the table."""

from tests.faults import bus, doors, hostile, nodes, postgres, readers, sqlite, storm
from tests.faults.row import Row

ROWS: dict[str, Row] = {
    row.name: row
    for row in (
        *nodes.ROWS,
        *storm.ROWS,
        *bus.ROWS,
        *postgres.ROWS,
        *sqlite.ROWS,
        *readers.ROWS,
        *hostile.ROWS,
        *doors.ROWS,
    )
}
