"""Keys that come all at once, as over a slow line: each goes where it was meant, in the real program."""

from __future__ import annotations

from pathlib import Path

from tests.engine.tiny import tiny_folder
from tests.learner import ONE_HEAD, write_lesson
from tests.terminal import TUTOR, Terminal
from tutor import events as ev
from tutor.journal.store import Store


def tutor(folder: Path, lesson: str) -> list[str]:
    """The tutor on a tiny model, with the lessons that lie in the folder."""
    where = ["--home", str(folder / "home"), "--lessons", str(folder / "lessons")]
    return [*TUTOR, *where, "--model", str(tiny_folder("llama")), "--offline", lesson]


def test_a_whole_bet_in_one_burst(tmp_path: Path) -> None:
    write_lesson(tmp_path / "lessons")
    with Terminal(tutor(tmp_path, "small-steps")) as t:
        t.wait("What do you expect of the first word?", 60)
        t.wait("in your own words")
        t.wait("ready", 120)
        t.press("a name\ra verb\r")
        t.wait("How sure is the model of the next token?")
        t.wait("More than half")
        t.press("1\rit is tiny\r65\r")
        t.wait("What do you see?", 60)
        t.press("it was not sure\ra longer text\rit depends\r")
        t.wait("That was “", 60)
    with Store.read(tmp_path / "home", "me") as store:
        kept = store.events("small-steps")
    bets = [(e.answer, e.reason, e.confidence) for e in kept if isinstance(e, ev.Predicted)]
    assert bets == [("sure", "it is tiny", 65)]
    said = [e.text for e in kept if isinstance(e, ev.Replied)]
    assert said == ["a name", "a verb", "it was not sure", "a longer text", "it depends"]


def test_a_key_of_the_form_comes_before_what_is_typed_behind_it(tmp_path: Path) -> None:
    folder = tmp_path / "lessons" / "own"
    folder.mkdir(parents=True)
    (folder / "one-head.yaml").write_text(ONE_HEAD)
    with Terminal(tutor(tmp_path, "one-head")) as t:
        t.wait("It does not shrink", 60)
        t.wait("ready", 120)
        t.press("1\rwithout it the name is lost\r65\r")
        t.wait("What do you see?", 60)
        t.press("it went down\r")
        t.wait("change something, then enter")
        t.wait(" head  ")
        t.press("0", "ctrl+l", "down", "3", "enter")  # all parameters, and from the layer to the head
        t.wait("with layer 0, head 3")


def test_keys_behind_the_one_that_quits_do_not_keep_it(tmp_path: Path) -> None:
    with Terminal([*TUTOR, "--home", str(tmp_path / "home"), "--offline", "--engine", "sleep 60"]) as t:
        t.wait("Silence one head", 60)
        t.press(*["ctrl+q"] * 9)
        assert t.end() == 0


def test_how_long_an_esc_may_become_an_arrow_is_for_the_learner_to_say(tmp_path: Path) -> None:
    argv = [*TUTOR, "--home", str(tmp_path / "home"), "--offline", "--engine", "sleep 60"]
    with Terminal(argv, env={"ESCDELAY": "20000"}) as t:
        t.wait("Silence one head", 60)
        t.press("f1")
        t.wait("How it goes")
        for _ in range(2):
            t.press("\x1b")
            t.pump(0.3)
            t.press("[B")
        t.wait(lambda screen: "Help" in screen and "How it goes" not in screen)
    with Terminal(argv) as t:
        t.wait("Silence one head", 60)
        t.press("f1")
        t.wait("How it goes")
        t.press("\x1b")
        t.wait("Silence one head")
