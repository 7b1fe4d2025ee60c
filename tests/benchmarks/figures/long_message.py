"""What an event costs in a long message, where it should cost what it costs in a short one."""

from benchmarks.apps.script import Script
from benchmarks.figure import Figure, Ratio
from benchmarks.figures.in_process import CPU, turns
from benchmarks.sides import INCUMBENT, SQLITE

LONG, MIDDLE, SHORT = 100_000, 20_000, 2_000


def _name(side: str, deltas: int) -> str:
    return f"{side}, {deltas:,} deltas"


OBJECTS, STR = f"{SQLITE}, objects", f"{SQLITE}, str"

FIGURES = [
    Figure(
        "a long message, without HTTP",
        {
            _name(OBJECTS, LONG): turns(SQLITE, Script("objects", LONG)),
            _name(OBJECTS, MIDDLE): turns(SQLITE, Script("objects", MIDDLE), times=2),
            _name(OBJECTS, SHORT): turns(SQLITE, Script("objects", SHORT), times=20),
            _name(STR, LONG): turns(SQLITE, Script("str", LONG)),
            _name(STR, MIDDLE): turns(SQLITE, Script("str", MIDDLE), times=2),
            _name(STR, SHORT): turns(SQLITE, Script("str", SHORT), times=20),
            _name(INCUMBENT, LONG): turns(INCUMBENT, Script("objects", LONG)),
            _name(INCUMBENT, MIDDLE): turns(INCUMBENT, Script("objects", MIDDLE)),
            _name(INCUMBENT, SHORT): turns(INCUMBENT, Script("objects", SHORT), times=10),
        },
        [
            Ratio(CPU, _name(OBJECTS, LONG), _name(OBJECTS, SHORT), 1.1),
            Ratio(CPU, _name(STR, LONG), _name(STR, SHORT), 1.1),
            Ratio(CPU, _name(OBJECTS, LONG), _name(OBJECTS, MIDDLE)),
            Ratio(CPU, _name(STR, LONG), _name(STR, MIDDLE)),
            Ratio(CPU, _name(INCUMBENT, LONG), _name(INCUMBENT, SHORT)),
            Ratio(CPU, _name(OBJECTS, SHORT), _name(INCUMBENT, SHORT), 1),
            Ratio(CPU, _name(STR, SHORT), _name(INCUMBENT, SHORT), 1),
        ],
    )
]
