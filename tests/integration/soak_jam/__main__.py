"""`make soak-jam`: an evening with many people at sixty times the speed, on a real server.

    python -m tests.integration.soak_jam --members 32 --versions 20000 [--postgres]

Prints what happened, and what must not have happened; exit code 1 if anything of that did.
"""

import argparse
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.integration.soak_jam.soak import soak
from tests.integration.soak_jam.troubles import Plan
from tests.servers import postgres


def main() -> int:
    parser = argparse.ArgumentParser(description="A long evening of a Jam, at many times the speed.")
    parser.add_argument("--members", type=int, default=32, help="the host included")
    parser.add_argument("--versions", type=int, default=20_000, help="go on for so many")
    parser.add_argument("--seconds", type=float, default=0.0, help="and for so long")
    parser.add_argument("--kills", type=int, default=6, help="of the host")
    parser.add_argument("--commands-s", type=float, default=90.0, help="how many are tried")
    parser.add_argument("--least-commands-s", type=float, default=50.0, help="fewer are a finding")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgres", action="store_true", help="keep the Jam in PostgreSQL")
    chosen = parser.parse_args()
    # Somebody loses patience: what was started ends, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("The soak was stopped."))
    plan = Plan(
        members=chosen.members,
        versions=chosen.versions,
        seconds=chosen.seconds,
        kills=chosen.kills,
        comes_late=chosen.kills > 1,
        commands_s=chosen.commands_s,
        seed=chosen.seed,
    )
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tutti-soak-")))
        database: list[str] = []
        if chosen.postgres:
            database = ["--database-url", stack.enter_context(postgres(durable=True)) + "/postgres"]
            migrate = [sys.executable, "-m", "collab.main", "migrate", *database]
            subprocess.run(migrate, check=True, stdout=subprocess.DEVNULL)
        outcome = soak(folder, plan, *database)
    if outcome.commands_s < chosen.least_commands_s:
        outcome.findings.append(f"Fewer than {chosen.least_commands_s:g} commands a second.")
    sys.stdout.write("\n".join([*outcome.lines, *(f"FOUND {it}" for it in outcome.findings), ""]))
    return 1 if outcome.findings else 0


if __name__ == "__main__":
    sys.exit(main())
