"""A minute for every change: is anything several times dearer than it was?

Loose bars against the bare app, which hold on a busy machine. What a change costs exactly, the other figures say.
"""

from benchmarks.figure import Figure, Ratio
from benchmarks.figures.first_event import FIRST, first_events
from benchmarks.figures.paced import CPU, paced
from benchmarks.figures.unpaced import unpaced
from benchmarks.sides import BARE, MEMORY, SQLITE

OBJECTS, STR = f"{SQLITE}, objects", f"{SQLITE}, str"

FIGURES = [
    Figure(
        "quick: 100 streams at 50 events/s",
        {OBJECTS: paced(SQLITE, "objects", 100, 2.0), BARE: paced(BARE, "objects", 100, 2.0)},
        [Ratio(CPU, OBJECTS, BARE, 4)],
        rounds=3,
    ),
    Figure(
        "quick: 30 unpaced streams",
        {
            OBJECTS: unpaced(SQLITE, "objects", 30),
            STR: unpaced(SQLITE, "str", 30),
            BARE: unpaced(BARE, "objects", 30),
        },
        [Ratio(CPU, OBJECTS, BARE, 7), Ratio(CPU, STR, BARE, 3)],
        rounds=3,
    ),
    Figure(
        "quick: time to first event, idle server",
        {MEMORY: first_events(MEMORY), BARE: first_events(BARE)},
        [Ratio(FIRST, MEMORY, BARE, 12)],
        rounds=3,
    ),
]
