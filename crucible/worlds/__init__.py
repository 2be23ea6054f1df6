"""The worlds: small generated corpora whose right answers we know.

base.py says what every world offers. sums.py, facts.py, text.py, style.py and talk.py hold the single worlds,
mini.py the mixture on which shared bases are trained. Used from the opening chapter on.
"""

import difflib

from crucible.worlds.base import Questions, World
from crucible.worlds.facts import FactWorld, ReadWorld, ZipfLookup
from crucible.worlds.mini import ClinicWorld, MiniWorld
from crucible.worlds.style import StyleWorld
from crucible.worlds.sums import AddWorld, ChainWorld, LongAddWorld
from crucible.worlds.talk import TalkWorld
from crucible.worlds.text import PyText

WORLDS: dict[str, type[World]] = {
    world.__name__: world
    for world in (
        AddWorld,
        LongAddWorld,
        ChainWorld,
        FactWorld,
        ReadWorld,
        ZipfLookup,
        PyText,
        StyleWorld,
        TalkWorld,
        MiniWorld,
        ClinicWorld,
    )
}

__all__ = [*WORLDS, "WORLDS", "Questions", "World", "by_name"]


def by_name(name: str) -> type[World]:
    """A world by its name. ValueError naming the nearest, or all there are."""
    if name in WORLDS:
        return WORLDS[name]
    near = difflib.get_close_matches(name, WORLDS, 1, 0.5) or sorted(WORLDS)
    raise ValueError(f"there is no world {name!r}; there is {', '.join(near)}")
