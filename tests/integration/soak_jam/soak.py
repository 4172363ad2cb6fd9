"""The proof as a whole: a server, the party on it, and all the checks behind it."""

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from jam.log import Line
from tests.collab.command import serving
from tests.integration.soak_jam.judge import Judgement, judge
from tests.integration.soak_jam.ledger import Ledger
from tests.integration.soak_jam.party import Ended, Party
from tests.integration.soak_jam.troubles import Plan

SHORTER: Final = 60
_LINES: Final = msgspec.json.Decoder(Line)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`lines` tell the figures, `findings` what must not be; the proof holds if there are none."""

    lines: list[str]
    findings: list[str]
    judgement: Judgement
    ledger: Ledger
    commands_s: float


def soak(folder: Path, plan: Plan, *database: str) -> Outcome:
    """`database` are arguments that name another one than a file in `folder`."""
    ledger, data = Ledger(), folder / "data"
    with serving(data, "--jam-times-divided-by", SHORTER, *database) as server:
        ended = asyncio.run(Party(server.url, folder, plan, ledger).run())
        server.stop()
    log = folder / "log.jsonl"
    where = ("--data", data, *database)
    for name, told, expected in (
        ("replay-jam", _tutti("replay-jam", log, "--from", ended.jam, *where), "as recorded"),
        ("verify", _tutti("verify", *where), ", 0 findings"),
    ):
        if told.returncode or expected not in told.stdout:
            ledger.find(f"tutti {name} said: {told.stdout}{told.stderr}")
    with log.open("rb") as lines:
        judgement = judge(map(_LINES.decode, lines))
    for finding in judgement.findings:
        ledger.find(finding)
    if (judgement.version, judgement.digest) != (ended.version, ended.digest):
        ledger.find("The log leads to another state than the server shows.")
    ledger.compare_orders(judgement.orders)
    # Every member, and the second device of one.
    ledger.compare_rests(ended.version, ended.digest, plan.members + 1)
    for wanted in _wanted(plan):
        if not judgement.counts[wanted]:
            ledger.find(f"It never happened: {wanted}.")
    if not ledger.presses["", "other_play"]:
        ledger.find("No double press was one song.")
    findings = ledger.findings
    if ledger.wrong > len(findings):
        findings = [*findings, f"… and {ledger.wrong - len(findings)} more."]
    return Outcome(
        _figures(plan, ended, ledger, judgement), findings, judgement, ledger, ended.commands / ended.seconds
    )


def _tutti(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The command, however long a log it has to read."""
    command = [sys.executable, "-m", "collab.main", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _wanted(plan: Plan) -> Sequence[str]:
    """What the party must have seen, or else it proves nothing about it."""
    wanted = ["voted", "added", "advanced", "pinned", "said", "left", "joined", "kicked", "went_away"]
    if plan.kills:
        wanted.append("acting")
    if plan.kills > plan.comes_late:
        wanted.append("took back")
    if plan.comes_late:
        wanted += ["came too late", "handed_over"]
    return wanted


def _figures(plan: Plan, ended: Ended, ledger: Ledger, judgement: Judgement) -> list[str]:
    counts = judgement.counts
    hosts = ("acting", "took back", "came too late", "handed_over")
    doubles = {" + ".join(code or "taken" for code in codes): n for codes, n in ledger.presses.items()}
    return [
        f"{plan.members} members, one of them on two devices, seed {plan.seed}",
        f"{ended.version:,} versions, {ended.commands:,} commands in {ended.seconds:.0f} s: "
        f"{ended.commands / ended.seconds:.0f} commands/s",
        f"a command settled within {ledger.took(50):.1f} ms (p50), {ledger.took(99):.1f} ms (p99)",
        f"commands: {_listed(ledger.commands)}",
        f"refused: {_listed(ledger.refusals)}",
        f"two presses for one play: {_listed(Counter(doubles))}",
        f"the host killed {plan.kills} times; {', '.join(f'{name} {counts[name]}' for name in hosts)}",
        f"{judgement.plays:,} plays: {_listed(_ended(counts))}",
        f"kicked {counts['kicked']}, left {counts['left']}, joined {counts['joined']}, "
        f"went away {counts['went_away']}",
        f"{ledger.folds:,} orders compared, {ledger.folds / ended.version:.1f} of each version",
        f"{ledger.samples:,} positions heard; the room's clock was set anew {ledger.steps} times meanwhile",
        f"resyncs {ledger.troubles['resynced']}, divergences {ledger.troubles['diverged']}",
        f"{ledger.wrong} findings",
    ]


def _ended(counts: Counter[str]) -> Counter[str]:
    return Counter({name[7:]: n for name, n in counts.items() if name.startswith("ended: ")})


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {n:,}" for name, n in counts.most_common()) or "none"
