"""Faults with real processes: what breaks is broken, and what is promised is measured.

`make faults` plays every row of the table in docs/RELIABILITY.md at full size; `test_faults.py` plays a short
slice of some. How the parts fit, for whoever adds a row:

    names     `localhost` leads to every node, as DNS does; rows run on its event loop
    cluster   `running(folder, nodes, ...)`: processes of `tutti serve` on PostgreSQL and Valkey or SQLite, to
              be killed, paused, told to stop and started again; ways (proxies) between them on request
    clients   `editing(...)`: clients of the SDK that insert marked entries, and what they feel
    wire      sockets by the thousand, without an SDK
    history   each submission with what became of it: ok and a version, refused and a code, or unknown
    truth     what the database holds, folded anew from the first op on
    checker   whether the two tell the same story (pure)
    equal     the same load without a fault, where memory needs something to be compared with
    nemesis   troubles at their times
    figures   what was seen beside what was promised, and the run's JSON
    row       `Row`: words, sizes and how to play it. `Stage.load(cluster)` is `editing` with everything that
              every row promises looked at afterwards; `stage.figure(...)` is what it promises besides
    rows      all of them

A row is a coroutine that takes a `Stage`:

    async def kill_a_node(stage: Stage) -> None:
        async with running(stage.folder) as cluster, stage.load(cluster) as load:
            ...
            stage.figure("editing again, p99", percentile(seconds, 0.99), 5.0, "s")

Rows without people who edit call `stage.judge_cluster(cluster)` themselves. What a row leaves in
`stage.folder` is kept, with the history, in `tests/faults/failed/` if anything was missed.
"""
