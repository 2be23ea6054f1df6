"""make seeds: a chapter on other seeds, its verdicts beside the recorded ones. The book is not touched."""

import os

from crucible import ledger, register
from pipeline import BUILD, Refused
from pipeline.notebooks import execute, in_book, read_manifest

CELL_TIMEOUT = 6 * 3600  # seconds: on other seeds a chapter measures what it else reads from measured/


def run(chapter: str, seeds: str) -> None:
    """Run one notebook with CRUCIBLE_SEEDS set and print every part and claim, measured and recorded."""
    if chapter not in in_book():
        raise Refused(f"{chapter!r} is not in the book; it has {', '.join(in_book())}")
    os.environ["CRUCIBLE_SEEDS"] = seeds
    book = register.load()
    try:
        for experiment in book.experiments.values():
            ledger.seeds_for(experiment)
    except ValueError as error:
        raise Refused(str(error).replace("CRUCIBLE_SEEDS", "--seeds")) from None
    folder = BUILD / "other-seeds" / chapter
    known = read_manifest().get(chapter)
    execute(chapter, folder.with_suffix(".executed.ipynb"), folder, known.seconds if known else 90.0, CELL_TIMEOUT)
    outcomes = ledger.recorded(folder, book)
    for outcome in outcomes.values():
        for part in outcome.parts:
            low, high = part.interval
            name = f"{part.experiment}/{part.part.part}"
            print(f"{name} on seeds {seeds}: interval {low:.1f} to {high:.1f}, {part.verdict}")
    for claim in book.claims.values():
        if any(experiment.id in outcomes for experiment, _ in book.parts_of(claim)):
            measured = ledger.claim_verdict(claim, book, outcomes)
            print(f"{claim.id}: measured {measured!r}, recorded {claim.verdict!r}")
