"""What the conversation shows of a lesson's state: each line of the state as one or two items, as plain text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from textual.content import Content

from engine.experiments import experiment
from engine.figures import shown
from tutor.course.format import Lesson
from tutor.dialogue.reasons import because
from tutor.journal.store import Record
from tutor.parameters import apart, changed, named
from tutor.record import taking
from tutor.record.days import calendar, stored
from tutor.state import Bet, Line, State
from tutor.ui.themes import MUTED
from tutor.ui.widgets.talk import Item

LONG, ON = 60, 36
"""Characters of an answer, and of what a tweak changed, at a lesson's end."""
OPEN = "  still open, among your notes"
LABELS = {"you": "you", "bet": "bet", "run": "run", "claim": "so", "task": "try"}


def plain(text: str) -> Content:
    """Text from a model, a lesson or the learner: lines stay lines, nothing is markup, what cannot be seen is shown."""
    return Content("\n".join(shown(f"|{line}")[1:] for line in text.strip("\n").split("\n")))


def items(state: State, start: int, locked: Mapping[int, str]) -> list[Item]:
    """The items of the state's lines from number `start` on. `locked` holds the time at which a bet was locked."""
    scored = [bet for bet in state.bets if bet.verdict]
    runs = sum(line.who == "run" for line in state.lines[:start])
    out: list[Item] = []
    for line in state.lines[start:]:
        if line.who == "bet" and line.ref is not None:
            bet = state.bets[line.ref]
            run = state.lesson.run_before(bet.step)
            words = changed(bet.changed, run.run.parameters(state.model), experiment(run.run.experiment)) if run else ""
            out.append(question(f"{words}{bet.question.ask}"))
            out.append(("bet", "bet", bet_line(bet, locked.get(line.ref, ""))))
        elif line.who == "run":
            out.append(("run", "run", _run(line, scored[runs] if runs < len(scored) else None)))
            runs += 1
        else:
            out.append((line.who, LABELS.get(line.who, ""), plain(line.text.strip())))
    return out


def last_words(state: State) -> int | None:
    """Which item holds what the tutor said to the learner's last words; None where it said nothing to them."""
    last = {line.who: n for n, line in enumerate(state.lines)}
    if last.get("tutor", -1) < last.get("you", 0):
        return None
    return max(0, len(items(replace(state, lines=state.lines[: last["tutor"] + 1]), 0, {})) - 1)


def recalled(
    lesson: Lesson, records: Sequence[Record], place: int | None, now: datetime
) -> tuple[dict[int, str], int | None]:
    """(bet number -> when it was locked, the item that event `place` of the journal led to), of a lesson as it stands."""
    locked = {number: clock(at, now) for number, at in taking.locked(lesson, records).items()}
    state = taking.state_at(lesson, records, place) if place is not None else None
    return locked, max(0, len(items(state, 0, {})) - 1) if state else None


def clock(at: str, now: datetime) -> str:
    """A stored time as the clock on the wall shows it; with its day where that is not today. Empty where it is none."""
    found = stored(at)
    try:
        then = found.astimezone(now.tzinfo) if found else None
    except OverflowError:  # at the very ends of the calendar
        then = None
    if then is None:
        return ""
    return f"{then:%H:%M}" if then.date() == now.date() else f"{calendar(then.date(), now)} {then:%H:%M}"


def question(text: str) -> Item:
    """A question of the lesson, as the tutor asks it."""
    return "tutor", "", plain(text.strip())


def note(text: str, error: bool = False) -> Item:
    """A line of the program itself, not kept in the journal."""
    return ("error" if error else "note"), "!" if error else "", plain(text.strip())


def bet_line(bet: Bet, locked: str) -> Content:
    """`It shrinks · 70 % · because the others back it up · locked 14:02`."""
    reason = because(bet.reason)
    tail = f" · locked {locked}" if locked else " · locked"
    return Content.assemble((bet.text.rstrip("."), "bold"), f" · {bet.confidence} % · ", plain(reason), (tail, MUTED))


def _run(line: Line, bet: Bet | None) -> Content:
    if bet is None or bet.verdict is None:
        return plain(line.text)
    return Content.assemble(("✔ " if bet.verdict.right else "✘ ", "bold $primary"), plain(line.text))


def summary(state: State) -> list[Item]:
    """How the lesson went: each bet against what happened. Long ones are cut: the talk has them whole."""
    out: list[Item] = [("sum", "done", Content(state.went))]
    for bet in state.bets:
        if bet.verdict:
            on = f"{_cut(named(bet.changed), ON)}: " if bet.changed else ""
            text, came = _from_where_they_part(bet.text.rstrip("."), bet.verdict.truth.rstrip("."))
            mark, truth = ("✔", "") if bet.verdict.right else ("✘", f"  →  {_cut(came)}")
            said = f"{_cut(text)}, {bet.confidence} %{truth}"
            out.append(("sum", "", Content.assemble((f"{mark} ", "bold $primary"), (on, MUTED), said)))
    for question in state.kept:
        out.append(
            (
                "sum",
                "",
                Content.assemble(("? ", "bold $primary"), plain(_cut(" ".join(question.split()))), (OPEN, MUTED)),
            )
        )
    return out


def _from_where_they_part(said: str, came: str) -> tuple[str, str]:
    """Both from the first word on in which they differ, where a cut would leave the same of both."""
    if _cut(said) != _cut(came) or said == came:
        return said, came
    return apart(said, came), apart(came, said)


def _cut(text: str, most: int = LONG) -> str:
    if len(text) <= most:
        return text
    cut = f"{text[: most - 1].rstrip()}…"
    return f"{cut[:-2]}…”" if cut.count("“") > cut.count("”") else cut
