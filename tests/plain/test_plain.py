"""Whole lessons line by line: the real program, a real engine with a tiny model, a pipe or a pseudo-terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.plain.piped import ROOT, events, typed
from tests.terminal import Terminal
from tutor import events as ev
from tutor.journal.store import Store

SMALL_STEPS = ["a name", "a verb", "1", "it is tiny", "70", "it was not sure", "a longer text", "it depends"]


def test_a_whole_lesson_over_a_pipe(argv: list[str], tmp_path: Path) -> None:
    done = typed([*argv, "small-steps"], *SMALL_STEPS)
    assert done.returncode == 0, done.stderr
    for words in (
        "What do you expect of the first word?",
        "1  More than half",
        "70 % sure, because it is tiny. Locked.",
    ):
        assert words in done.stdout
    assert "figure 1 of 1: The next token" in done.stdout
    assert "That was “Small steps”. 1 bet, 0 as you said." in done.stdout
    kept = events(tmp_path, "small-steps")
    assert [e.text for e in kept if isinstance(e, ev.Replied)] == [*SMALL_STEPS[:2], *SMALL_STEPS[5:]]
    assert isinstance(kept[-1], ev.Finished) or any(isinstance(e, ev.Finished) for e in kept)


def test_a_lesson_that_is_begun_again_is_so_in_the_list(argv: list[str]) -> None:
    said = typed([*argv, "small-steps"], "a name", ":list").stdout
    assert "(small-steps): at step 2 of 7, " in said
    said = typed([*argv, "small-steps"], *SMALL_STEPS[1:], ":again", "a name", ":list").stdout
    assert "(small-steps): again 2 of 7, " in said


@pytest.mark.parametrize("so_far", [1, 4, 6], ids=["a reply", "half a bet", "after the run"])
def test_it_goes_on_at_the_exact_step_after_the_input_ends(argv: list[str], tmp_path: Path, so_far: int) -> None:
    first = typed([*argv, "small-steps"], *SMALL_STEPS[:so_far])
    assert first.returncode == 0
    assert "The input has ended. All is saved; `llmw-tutor --plain small-steps` goes on there." in first.stdout
    kept = ["", ""] if so_far == 4 else []  # enter keeps what was typed of a bet
    again = typed([*argv, "small-steps"], *kept, *SMALL_STEPS[so_far:])
    assert "You are at step" in again.stdout
    assert "That was “Small steps”" in again.stdout
    bets = [e for e in events(tmp_path, "small-steps") if isinstance(e, ev.Predicted)]
    assert [(b.answer, b.reason, b.confidence) for b in bets] == [("sure", "it is tiny", 70)]


def test_tweaks_are_key_value_lines(argv: list[str], tmp_path: Path) -> None:
    bet = ["2", "why", "60"]
    lines = [
        *bet,
        "less",
        "layer=9",
        "layer=-1",
        "colour=red",
        "",
        "layer=0 head=1 answer= Mary John",
        "",
        "answer= Mary",
        "",
        *bet,
        "reset",
        "",
        *bet,
        ":go",
        "it depends",
    ]
    done = typed([*argv, "one-head"], *lines)
    assert "layer = 1   (a whole number from 0 to 2)" in done.stdout
    assert "layer = 9 is out of range; it must be a whole number from 0 to 2." in done.stdout
    assert "layer = '-1' is out of range; it must be a whole number from 0 to 2." in done.stdout
    assert "there is no parameter 'colour'" in done.stdout
    assert "Nothing is changed yet." in done.stdout
    assert "is 2 tokens, not one: ' Mary' + ' John'." in done.stdout, "before the bet, which would be lost"
    assert "Now with layer 0, head 1." in done.stdout
    runs = [e.result["parameters"] for e in events(tmp_path, "one-head") if isinstance(e, ev.RunFinished)]
    assert [(p["layer"], p["head"]) for p in runs] == [(1, 2), (0, 1), (1, 2)]
    assert "That was “One head”. 3 bets" in done.stdout


def test_a_token_of_a_tweak_without_its_space_is_doubted(argv: list[str], tmp_path: Path) -> None:
    bet = ["2", "why", "60"]
    done = typed([*argv, "one-head"], *bet, "less", "answer=c", "", ":skip", ":quit")
    assert "answer is “c” with no space before it" in done.stdout


def test_commands_work_at_any_prompt(argv: list[str], tmp_path: Path) -> None:
    lines = [
        ":help",
        ":nonsense",
        ":Note is it the size?",
        ":table",
        ":skip",
        "::skip",
        "1",
        ":code",
        "why",
        "x",
        "101",
        "50",
    ]
    lines += [":figure 7", f":figure {'7' * 5000}", ":table 1", ":figure", "seen", ":talk", ":quit", "not read"]
    done = typed([*argv, "small-steps"], *lines)
    said = done.stdout
    assert done.returncode == 0
    for words in (
        "There is no command :nonsense.",
        "There is no figure yet: it comes with the run.",
        "Skipped.",
        "def run(lab",
        "A whole number from 0 (no idea) to 100 (certain).",
        "There is no figure 7; there are 1 to 1.",
        "run  token",
        "you: :skip",
        "All is saved. Good bye.",
    ):
        assert words in said
    kept = events(tmp_path, "small-steps")
    assert [e.text for e in kept if isinstance(e, ev.Noted)] == ["is it the size?"]
    assert ":skip" in [e.text for e in kept if isinstance(e, ev.Replied)]
    assert [e.step for e in kept if isinstance(e, ev.Skipped)] == ["one"]


def test_at_the_list_a_command_needs_no_colon(argv: list[str]) -> None:
    done = typed(argv, "9" * 5000, "list", "help", "due", "quit", ":due")
    assert done.returncode == 0
    assert done.stdout.count("There is no") == 1, "of the lesson with that number"
    assert done.stdout.count("(small-steps)") == 3
    assert ":quit      leave" in done.stdout
    assert done.stdout.count("Nothing is due again") == 1


def test_the_list_of_lessons_takes_a_number_an_id_or_enter(argv: list[str]) -> None:
    done = typed(
        argv, "nothing-such", "small-steps", "a name", ":list", ":list", "", ":list", ":again small-steps", ":quit"
    )
    assert done.returncode == 0
    assert "There is no lesson 'nothing-such'" in done.stdout
    assert "Small steps (small-steps): at step 2 of 7, 5 min" in done.stdout
    assert "lesson (enter: Small steps)> " in done.stdout
    assert done.stdout.count("Small steps. 7 steps") == 3
    assert "The input has ended" not in done.stdout


def test_a_reply_cannot_restyle_what_reads_the_output(argv: list[str], tmp_path: Path) -> None:
    typed([*argv, "small-steps"], "\x1b[31mred\x07 ünïcode 漢字")
    (reply,) = [e for e in events(tmp_path, "small-steps") if isinstance(e, ev.Replied)]
    assert reply.text == "[31mred ünïcode 漢字"


def test_bytes_that_are_no_text_are_no_end(argv: list[str], tmp_path: Path) -> None:
    done = subprocess.run([*argv, "small-steps"], input=b"caf\xe9\n", capture_output=True, cwd=ROOT, timeout=120)
    assert done.returncode == 0
    (reply,) = [e for e in events(tmp_path, "small-steps") if isinstance(e, ev.Replied)]
    assert reply.text == "caf�"


def test_another_tutor_has_the_journal(argv: list[str], tmp_path: Path) -> None:
    with Store.open(tmp_path / "home", "me"):
        done = typed(argv)
    assert done.returncode == 1
    assert "has the journal of 'me' open" in done.stderr


def test_plain_can_be_set_once_and_for_all(argv: list[str], tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "config.toml").write_text("plain = true\n")
    done = typed([word for word in argv if word != "--plain"])
    assert "The input has ended. All is saved" in done.stdout


# --- through a pseudo-terminal --------------------------------------------------------------------------------------


def live(t: Terminal, until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not until():
        assert time.monotonic() < deadline, t.text
        t.pump(0.1)


def test_a_whole_lesson_in_a_terminal(argv: list[str], tmp_path: Path) -> None:
    with Terminal([*argv, "small-steps"], 72, 24, env={"OMP_NUM_THREADS": "1"}) as t:
        prompts = ["you>", "you>", "your bet>", "because>", "how sure, 0 to 100 %>", "you>", "you>", "you>"]
        for n, (prompt, words) in enumerate(zip(prompts, SMALL_STEPS, strict=True)):
            before = b"".join(t.raw.split(b"> ")[n : n + 1])
            live(t, lambda n=n: t.raw.count(b"> ") > n)  # type: ignore[misc]
            assert prompt in t.text, before
            t.press(words, "enter")
        t.wait("That was “Small steps”")
        t.process.send_signal(signal.SIGINT)  # what a terminal does with ctrl+c
        assert t.end() == 130
        assert "Stopped. All is saved" in t.text
        codes = t.raw.replace(b"\x1b[?2004h", b"").replace(b"\x1b[?2004l", b"")  # readline's paste brackets
        assert b"\x1b[" not in codes
        assert max(len(line.rstrip()) for line in t.screen.display) <= 72


def test_ctrl_c_stops_a_run_and_a_second_one_ends(argv: list[str], tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    engine = f"""sh -c 'echo $$ > {pid}; exec "$0" "$@"' {sys.executable} -P -m engine"""
    with Terminal([*argv, "--engine", engine, "small-steps"], 100, 40, env={"OMP_NUM_THREADS": "1"}) as t:
        for n, words in enumerate(SMALL_STEPS[:4]):
            live(t, lambda n=n: t.raw.count(b"> ") > n)  # type: ignore[misc]
            t.press(words, "enter")
        live(t, lambda: t.raw.count(b"> ") > 4 and pid.exists() and bool(pid.read_text()))
        os.kill(int(pid.read_text()), signal.SIGSTOP)  # the engine falls silent
        t.press(SMALL_STEPS[4], "enter")
        t.wait("Running next token")
        t.process.send_signal(signal.SIGINT)  # what a terminal does with ctrl+c
        t.wait("Stopping the run")
        t.wait("enter runs it again", 30)
        t.press("enter")
        t.wait("figure 1 of 1")
        t.process.send_signal(signal.SIGINT)  # what a terminal does with ctrl+c
        assert t.end() == 130
    runs = [e for e in events(tmp_path, "small-steps") if isinstance(e, (ev.RunFailed, ev.RunFinished))]
    assert [type(e).__name__ for e in runs] == ["RunFailed", "RunFinished"]
    assert runs[0].kind == "cancelled"  # type: ignore[union-attr]


# --- every kind of bet ----------------------------------------------------------------------------------------------
