"""What the learner can look at: the exact requests, what was spent, and that nothing is loaded or sent before its time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from tests.dialogue.course import listening, shipped
from tests.test_house import modules_after
from tutor import events as ev
from tutor.cli import main
from tutor.commands import doctor
from tutor.course.format import Lesson
from tutor.dialogue.authored import Authored
from tutor.dialogue.claude import Claude, options_of, voice_of
from tutor.dialogue.prompt import judged, worded
from tutor.dialogue.usage import Ledger
from tutor.dialogue.voice import turn_of
from tutor.journal.store import Store
from tutor.loop import replay
from tutor.settings import Settings

SECRET = "sk-ant-api03-THIS-IS-THE-KEY"
LESSON = next(x for x in shipped() if x.id == "silence-one-head")
TALK: list[ev.Event] = [
    ev.Started("", "smollm2-135m"),
    ev.Said("warm-up", "elicit", "What would you notice?"),
    ev.Replied("warm-up", "nothing much, I think: \x1b[31m red"),
    ev.Judged("warm-up", "wrong"),
]


@pytest.mark.parametrize("module", ["tutor.dialogue.claude", "tutor.ui.desk", "tutor.commands.prompt"])
def test_nothing_but_a_key_loads_the_sdk(module: str) -> None:
    assert "anthropic" not in modules_after(f"import {module}")


def test_the_shown_prompt_is_the_one_that_would_be_sent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", SECRET)
    with Store.open(tmp_path, "me") as store:
        for event in TALK:
            store.append(LESSON.id, event)
    assert main(["--home", str(tmp_path), "doctor", "--show-prompt", LESSON.id, "warm-up"]) == 0
    out, err = capsys.readouterr()
    options = options_of(Settings(home=tmp_path))
    state = replay(LESSON, TALK)
    assert json.loads(out) == {
        "judge": judged(turn_of(replay(LESSON, TALK[:3]), None), options),
        "answer": worded(turn_of(state, state.talk.move), options),
    }
    assert err == "", "nothing had to be made up"
    assert SECRET not in out
    assert "\x1b" not in out


@pytest.mark.parametrize("of", shipped(), ids=lambda of: of.id)
def test_every_step_of_every_lesson_can_be_shown(
    of: Lesson, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for step in of.steps:
        assert main(["--home", str(tmp_path), "doctor", "--show-prompt", of.id, step.id]) == 0
        out, err = capsys.readouterr()
        listens = step.id in {s.id for s, _ in listening(of)}
        assert bool(json.loads(out)) is listens
        assert ("nothing is sent" in err) is not listens
        assert ("(from your run)" in out) is (step.key == "explain")


def test_the_shown_prompt_is_not_sent_and_the_sdk_not_loaded(tmp_path: Path) -> None:
    code = (
        "import sys; from tutor.cli import main\n"
        f"main(['--home', {str(tmp_path)!r}, 'doctor', '--show-prompt', 'silence-one-head', 'why-names'])\n"
        "assert not {'anthropic', 'httpx2', 'torch'} & set(sys.modules)"
    )
    environ = {**os.environ, "ANTHROPIC_API_KEY": SECRET}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environ)
    assert done.returncode == 0, done.stderr


def test_a_step_that_is_none_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--home", str(tmp_path), "doctor", "--show-prompt", LESSON.id, "warmup"]) == 2
    assert "there is no step 'warmup'; did you mean warm-up" in capsys.readouterr().err


def found(home: Path, **settings: bool) -> str:
    return "\n".join(f"{f.topic}: {f.found} {f.todo}" for f in doctor.voice(Settings(home=home, **settings)))  # type: ignore[arg-type]


def test_doctor_says_who_speaks_and_what_it_cost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    assert found(tmp_path).strip() == "voice: the lesson's own questions (ANTHROPIC_API_KEY is not set)"
    monkeypatch.setenv("ANTHROPIC_API_KEY", SECRET)
    assert "(offline)" in found(tmp_path, offline=True)
    ledger = Ledger(tmp_path)
    ledger.note("request", input=1200, cached=300, output=40)
    ledger.note("refused", rule=3)
    ledger.note("refused", rule=3)
    ledger.note("refused", rule=0)
    ledger.note("turn", voice="claude")
    ledger.note("turn", voice="authored")
    ledger.note("fault")
    text = found(tmp_path)
    assert "voice: claude-sonnet-5-5, effort low, key from ANTHROPIC_API_KEY" in text
    assert "today 1,200 in, 300 cached, 40 out; the day's limit is 500,000" in text
    assert "turns: authored 1, claude 1; refused: cut off 1, rule 3 2; misfits 0, faults 1" in text
    assert SECRET not in text
    monkeypatch.setenv("ANTHROPIC_API_KEY", "two words")
    assert "holds no key" in found(tmp_path)


def test_without_a_key_or_a_network_the_authored_voice_speaks(tmp_path: Path) -> None:
    key = {"ANTHROPIC_API_KEY": SECRET}
    assert isinstance(voice_of(Settings(home=tmp_path), {}), Authored)
    assert isinstance(voice_of(Settings(home=tmp_path, offline=True), key), Authored)
    assert isinstance(voice_of(Settings(home=tmp_path), key), Claude)


def test_usage_is_kept_by_day_and_survives_a_torn_line(tmp_path: Path) -> None:
    days = iter([date(2026, 11, 20), *[date(2026, 11, 21)] * 9])
    ledger = Ledger(tmp_path, lambda: next(days))
    ledger.note("request", input=1, cached=2, output=3)
    ledger.note("request", input=10, cached=20, output=30)
    Ledger(tmp_path, lambda: date(2026, 11, 21)).note("request", input=100, cached=200, output=300)
    with open(tmp_path / "usage" / "2026-11-21.jsonl", "ab") as file:
        file.write(b'{"kind": "request", "inp')
    assert ledger.day().tokens == 660
    assert ledger.ever().tokens == 666
    Ledger(tmp_path, lambda: date(2026, 11, 21)).note("request", input=1000, cached=0, output=0)
    assert ledger.day().tokens == 1660  # what comes after the torn line does not hang on it


def test_a_disk_that_refuses_costs_the_count_alone(tmp_path: Path) -> None:
    (tmp_path / "usage").write_text("a file where the folder should be")
    ledger = Ledger(tmp_path)
    ledger.note("fault")
    assert ledger.day().faults == 0
