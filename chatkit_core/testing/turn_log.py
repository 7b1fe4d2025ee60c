"""`TurnLogContract`: what every turn log promises."""

from chatkit_core.testing.machine import run_machine
from chatkit_core.testing.turn_log_asking import AskingTests, WaitTests
from chatkit_core.testing.turn_log_events import EventTests
from chatkit_core.testing.turn_log_fences import FenceTests
from chatkit_core.testing.turn_log_forgetting import DeleteTests, PurgeTests
from chatkit_core.testing.turn_log_leases import LeaseTests, TakeTests
from chatkit_core.testing.turn_log_machine import STEPS, TurnLogMachine
from chatkit_core.testing.turn_log_reading import OwnersTurnsTests, ThreadsTurnsTests
from chatkit_core.testing.turn_log_starts import CreateTests, StartTests
from chatkit_core.turn_log import TurnLog


class TurnLogContract(
    LeaseTests,
    TakeTests,
    FenceTests,
    CreateTests,
    StartTests,
    EventTests,
    AskingTests,
    WaitTests,
    ThreadsTurnsTests,
    OwnersTurnsTests,
    DeleteTests,
    PurgeTests,
):
    """What every turn log promises, in tests.

    A subclass has an async fixture `turn_log` that yields an open one. If processes can share its turns it also has
    `other_log`, which yields another one over the same turns. It overrides `expire` if renewing a lease for 0 seconds
    does not let it run out.
    """

    async def test_any_sequence_of_calls_agrees_with_the_model(self, turn_log: TurnLog, other_log: TurnLog) -> None:
        await run_machine(TurnLogMachine, turn_log, other_log, self.expire, steps=STEPS)

    async def test_opening_what_is_open_does_nothing(self, turn_log: TurnLog) -> None:
        await turn_log.open()
        await turn_log.open()
