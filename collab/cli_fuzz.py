"""`tutti fuzz`: the laws of the algebra on random ops, or on every small one; ours, or somebody else's."""

import secrets
import shlex
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from collab.errors import CannotStart
from collab.fuzz.cases import read_case, write_case
from collab.fuzz.journal import Progress, read_progress
from collab.fuzz.other import Other
from collab.fuzz.run import FuzzRun, Limits
from ot.fuzz.algebra import OURS, Algebra
from ot.fuzz.exhaustive import RUNS, Part
from ot.fuzz.expect import Broken
from ot.fuzz.laws import LAWS, Law, failure
from ot.fuzz.rounds import Failure, Rounds

ROUNDS = 20_000
_SEED_MAX = 2**31


def fuzz(
    seed: Annotated[
        int | None, typer.Option(envvar="TUTTI_SEED", help="Default: one at random, which is printed.")
    ] = None,
    rounds: Annotated[
        int | None,
        typer.Option(envvar="TUTTI_ROUNDS", min=1, help=f"Default without --minutes: {ROUNDS:,}."),
    ] = None,
    minutes: Annotated[float | None, typer.Option(envvar="TUTTI_MINUTES", min=0.001)] = None,
    start: Annotated[
        int | None, typer.Option(envvar="TUTTI_START", min=0, help="The first round: each replays alone.")
    ] = None,
    law: Annotated[
        str, typer.Option(envvar="TUTTI_LAW", metavar="NAME|all", help="One law instead of all.")
    ] = "all",
    exhaustive: Annotated[
        bool, typer.Option("--exhaustive", help="Every op on short lists instead of random ones.")
    ] = False,
    against: Annotated[
        str | None,
        typer.Option(
            envvar="TUTTI_AGAINST",
            metavar="COMMAND",
            help="Another implementation: a program that answers as `python -m ot.conformance` does.",
        ),
    ] = None,
    journal: Annotated[
        Path | None,
        typer.Option(
            envvar="TUTTI_JOURNAL", dir_okay=False, help="Note progress here; continue what stands here."
        ),
    ] = None,
    cases: Annotated[
        Path, typer.Option(envvar="TUTTI_CASES", file_okay=False, help="Where a failing case is written.")
    ] = Path("fuzz-cases"),
    case: Annotated[
        Path | None, typer.Option(envvar="TUTTI_CASE", dir_okay=False, help="Try one written case again.")
    ] = None,
) -> None:
    """Try to break the laws of the algebra. Exit code 1 if one does not hold; its case is made small.

    The laws are listed in `ot/fuzz/laws.py` and explained in `docs/OT.md`.
    """
    laws = _laws(law, against)
    with _algebra(against) as algebra:
        if case is not None:
            _try_again(algebra, laws, case)
        elif exhaustive:
            _exhaust(algebra)
        else:
            progress = _progress(seed, start, law, against, journal)
            run = Rounds(algebra, laws, Random, progress.seed, progress.next)
            limits = Limits(rounds or (None if minutes else ROUNDS), minutes * 60 if minutes else None)
            try:
                found = _play(run, progress, journal, limits)
            except KeyboardInterrupt:
                _report(progress, laws)
                print("stopped")
                raise typer.Exit(130) from None
            _report(progress, laws)
            if found is not None:
                _show(run.minimised(found), progress, cases)
                raise typer.Exit(1)
            print("all laws hold" if len(laws) > 1 else f"{law} holds")


def _laws(name: str, against: str | None) -> tuple[Law, ...]:
    offered = tuple(law for law in LAWS if not (against and law.library))
    chosen = tuple(law for law in offered if name in ("all", law.name))
    if not chosen:
        raise CannotStart(
            f"There is no law {name} here; there are: {', '.join(law.name for law in offered)}."
        )
    return chosen


@contextmanager
def _algebra(against: str | None) -> Iterator[Algebra]:
    command = shlex.split(against or "")
    if not command:
        yield OURS
        return
    other = Other(command)
    try:
        yield other.algebra()
    finally:
        other.close()


def _progress(
    seed: int | None, start: int | None, law: str, against: str | None, journal: Path | None
) -> Progress:
    """Where to begin: where the journal stopped, or else where the options say."""
    noted = read_progress(journal) if journal is not None else None
    if noted is None:
        return Progress(
            secrets.randbelow(_SEED_MAX) if seed is None else seed, law, against or "", start or 0
        )
    if (noted.law, noted.against) != (law, against or "") or seed not in (None, noted.seed):
        raise CannotStart(
            f"{journal} is of another run: seed {noted.seed}, law {noted.law}"
            + (f", against {noted.against}." if noted.against else ".")
        )
    if start is not None:
        raise CannotStart(f"{journal} says that round {noted.next} is next; leave out --start.")
    return noted


def _play(rounds: Rounds, progress: Progress, journal: Path | None, limits: Limits) -> Failure | None:
    print(f"seed {progress.seed}, from round {progress.next} on")
    total = limits.rounds if limits.seconds is None else limits.seconds
    with _bar() as bar:
        task = bar.add_task(f"seed {progress.seed}", total=total, said="")

        def watch(played: int, seconds: float) -> None:
            completed = played if limits.seconds is None else seconds
            bar.update(task, completed=completed, said=f"{progress.tally.checks:,} law checks")

        return FuzzRun(rounds, progress, journal, time.monotonic).run(limits, watch)


def _report(progress: Progress, laws: tuple[Law, ...]) -> None:
    tally = progress.tally
    rate = tally.checks / progress.seconds if progress.seconds else 0.0
    print(
        f"rounds to {progress.next - 1}: {tally.rounds:,} rounds, {len(laws)} laws, "
        f"{tally.checks:,} law checks, {rate:,.0f} a second"
    )
    print(f"{tally.met / max(tally.rounds, 1):.0%} of the pairs collide in a gap or an entry")


def _show(found: Failure, progress: Progress, folder: Path) -> None:
    path = write_case(folder, found, progress.seed)
    against = f" --against {shlex.quote(progress.against)}" if progress.against else ""
    print(f"{found.law.name} does not hold in round {found.round}: {found.reason}")
    print(f"the smallest case is {path}; to try it again: tutti fuzz --case {path}{against}")
    print(f"the round itself: tutti fuzz --seed {progress.seed} --start {found.round} --rounds 1{against}")


def _try_again(algebra: Algebra, laws: tuple[Law, ...], path: Path) -> None:
    case = read_case(path)
    reasons = [(law.name, failure(law, algebra, case)) for law in laws]
    for name, reason in reasons:
        if reason is not None:
            print(f"{name} does not hold: {reason}")
    if any(reason is not None for _, reason in reasons):
        raise typer.Exit(1)
    print(f"{path}: {len(laws)} laws hold")


def _exhaust(algebra: Algebra) -> None:
    for run in RUNS:
        checked = 0
        began = time.monotonic()
        with _bar() as bar:
            task = bar.add_task(run.name, total=run.steps(Part()), said="")
            try:
                for cases in run.checks(algebra, Part()):
                    checked += cases
                    bar.update(task, advance=1, said=f"{checked:,} {run.cases}")
            except Broken as broken:
                print(f"{run.name} does not hold: {broken}")
                raise typer.Exit(1) from None
        print(f"{run.name}: {checked:,} {run.cases} hold, in {time.monotonic() - began:.0f} s", flush=True)


def _bar() -> Bar:
    # Beside the report: standard output is for that alone.
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[said]}"),
        TimeElapsedColumn(),
    )
    return Bar(*columns, console=console, transient=True, disable=not console.is_terminal)
