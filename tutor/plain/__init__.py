"""The tutor line by line: for a screen reader, a pipe, a terminal that can do little. The same loop, journal and voices.

Nothing moves the cursor, nothing is coloured, nothing is painted over: what was written stays written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tutor.settings import Settings

INTERRUPTED = 130


def run_plain(settings: Settings, lesson: str | None = None) -> int:
    """Take lessons line by line until the learner or the input ends; returns the exit status. Raises JournalError."""
    from tutor.course import load_course
    from tutor.desk import Desk
    from tutor.journal.store import Store
    from tutor.plain.console import Console, Ended, Quit
    from tutor.plain.home import Home
    from tutor.plain.machine import Machine

    console = Console()
    with Store.open(settings.home, settings.learner) as store, Machine(settings, console.say) as machine:
        home = Home(Desk(settings, load_course(settings.lessons), store), machine, console)
        try:
            home.stay(lesson)
        except Quit:
            console.say("All is saved. Good bye.")
        except Ended:
            console.say(f"The input has ended. All is saved; `llmw-tutor --plain{home.here}` goes on there.")
        except KeyboardInterrupt:
            console.say(f"Stopped. All is saved; `llmw-tutor --plain{home.here}` goes on there.")
            return INTERRUPTED
    return 0
