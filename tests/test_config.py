"""Runs kept in files, and BASE beside TWEAK: what the shell makes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.errors import BadParameter
from engine.experiments import NAMES, experiment
from engine.figures import Distribution, Text, Texts, Tokens, cell_len
from tests.test_cli import ROOT, cli, home, one_line, tiny  # noqa: F401  fixtures
from tutor.commands.beside import lines, text_of
from tutor.commands.config import Config, read_config

EXAMPLE = ROOT / "docs" / "my-run.yaml"
SMALL = """\
experiment: head_scale
prompt: "When Mary and John went to the store, John gave a drink to"
decoding: {max_new_tokens: 4}
parameters:
  layer: 1
  head: 2
  scale: 0.5
  answer: " Mary"
  distractor: " John"
seed: 7
"""


def config(folder: Path, text: str) -> Config:
    file = folder / "my-run.yaml"
    file.write_text(text, encoding="utf-8")
    return read_config(file)


# --- what a file says ------------------------------------------------------------------------------------------------


def test_the_example_is_right_and_names_its_experiment_s_own_parameters() -> None:
    read = read_config(EXAMPLE)
    assert (read.experiment, read.model, read.seed) == ("head_ablation", "smollm2-135m", 0)
    assert set(read.values) == set(experiment(read.experiment).parameters.model_fields) - {"bos"}
    assert read.values["answer"] == " Mary"


def test_a_file_is_a_run(tmp_path: Path) -> None:
    read = config(tmp_path, SMALL)
    assert (read.experiment, read.model, read.seed) == ("head_scale", None, 7)
    assert read.values == {
        "prompt": "When Mary and John went to the store, John gave a drink to",
        "max_new_tokens": 4,
        "layer": 1,
        "head": 2,
        "scale": 0.5,
        "answer": " Mary",
        "distractor": " John",
    }
    assert read.places["layer"] == (5, 10)


@pytest.mark.parametrize("text", ["experiment: induction_heads\n", "experiment: induction_heads\nparameters:\n"])
def test_what_has_a_default_may_stay_away(tmp_path: Path, text: str) -> None:
    assert config(tmp_path, text).values == {}


@pytest.mark.parametrize(
    ("change", "place", "says"),
    [
        (
            ("layer: 1", "layer: -1"),
            "5:10",
            "layer = -1 is out of range; it must be a whole number from 0 to layers - 1",
        ),
        (("layer: 1", "layer: one"), "5:10", "layer = 'one'; it must be a whole number"),
        (("layer: 1", 'layer: "1"'), "5:10", "layer = '1'; it must be a whole number"),
        (("layer: 1", "layer: true"), "5:10", "layer = True; it must be a whole number"),
        (("  layer: 1\n", ""), "5:3", "layer is missing; it must be"),
        (("layer: 1", "laier: 1"), "5:3", "head_scale has no parameter `laier`; it has bos, prompt"),
        (("layer: 1", "laier: 1"), "5:3", "did you mean `layer`?"),
        (("layer: 1", "prompt: a"), "5:3", "`prompt` a second time (first in line 2)"),
        (("  head: 2", "  layer: 2"), "6:3", "`layer` a second time (first in line 5)"),
        (("head_scale", "head_scales"), "1:13", "there is no experiment `head_scales`; there are next_token"),
        (("experiment: head_scale\n", ""), "1:1", "`experiment` is missing"),
        (("experiment: head_scale", "experiment: 5"), "1:13", "`experiment` is 5; it must be the name"),
        (("seed: 7", "seeds: 7"), "10:1", "there is no key `seeds` here; keys here are experiment"),
        (("seed: 7", "seed: soon"), "10:7", "`seed` is soon; it must be a whole number"),
        (("seed: 7", "seed: 4294967296"), "10:7", "from 0 to 4294967295"),
        (("seed: 7", "model: [gpt2]"), "10:8", "`model` is a list; it must be a model's name"),
        (("max_new_tokens", "max_tokens"), "3:12", "there is no key `max_tokens` here"),
        (("{max_new_tokens: 4}", "greedy"), "3:11", "`decoding` is greedy; it must be keys with values"),
        (("scale: 0.5", "scale: 0x10"), "7:10", "0x10 without quotes"),
        (("  head: 2", "\thead: 2"), "6:1", "a tab at the beginning of the line"),
        (("  head: 2", "  head: !!python/object:os.system 2"), "6:9", "tag !!python/object:os.system"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, change: tuple[str, str], place: str, says: str) -> None:
    with pytest.raises(BadParameter) as error:
        config(tmp_path, SMALL.replace(*change))
    said = str(error.value)
    assert f"my-run.yaml:{place}: " in said
    assert says in said
    assert "lesson" not in said


@pytest.mark.parametrize(
    "text", ["", "just words\n", "- a\n- b\n", "\x00", "a: [", "experiment: tokenize\nprompt: a\n"]
)
def test_a_file_that_is_no_run_is_said_so(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadParameter, match=r"my-run\.yaml:\d+:\d+: ") as error:
        config(tmp_path, text)
    assert "lesson" not in str(error.value)


def test_every_problem_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadParameter) as error:
        config(tmp_path, SMALL.replace("seed", "sead").replace("layer", "laier"))
    assert [line.split(":")[1] for line in str(error.value).splitlines()] == ["5", "10"]


def test_a_temperature_is_only_for_what_writes(tmp_path: Path) -> None:
    with pytest.raises(BadParameter, match="logit_lens has no parameter `temperature`"):
        config(tmp_path, "experiment: logit_lens\nprompt: a\ndecoding:\n  temperature: 1\n")


# --- from the shell --------------------------------------------------------------------------------------------------


def test_a_file_and_the_command_line_run_the_same(home: Path, tiny: str, tmp_path: Path) -> None:  # noqa: F811
    file = tmp_path / "my-run.yaml"
    file.write_text(SMALL + f'model: "{tiny}"\n', encoding="utf-8")
    done = cli(home, "run", "--config", str(file), "--json", "--set", "layer=2")
    assert (done.returncode, done.stderr) == (0, "")
    read = json.loads(done.stdout)
    assert (read["experiment"], read["seed"], read["model"]) == ("head_scale", 7, tiny)
    given = {**config(tmp_path, file.read_text()).values, "layer": 2}
    sets = [word for name, value in given.items() for word in ("--set", f"{name}={value}")]
    typed = cli(home, "run", "head_scale", *sets, "--model", tiny, "--seed", "7", "--json")
    assert json.loads(typed.stdout) == read


def test_the_command_line_goes_before_the_file(home: Path, tiny: str, tmp_path: Path) -> None:  # noqa: F811
    file = tmp_path / "my-run.yaml"
    file.write_text(SMALL + "model: no-such-model-anywhere\n", encoding="utf-8")
    done = cli(home, "run", "--config", str(file), "--model", tiny, "--seed", "9", COLUMNS="120")
    assert (done.returncode, done.stderr) == (0, "")
    rows = [row for row in done.stdout.splitlines() if "│" in row]
    assert sum("BASE" in row and "TWEAK" in row for row in rows) == 2, "the next token, and what was written"
    assert max(map(cell_len, rows)) <= 120
    assert done.stdout.splitlines()[-1].endswith(f"--model {tiny} --seed 9 --device cpu")


def test_what_only_the_model_can_refuse_has_its_place_too(home: Path, tiny: str, tmp_path: Path) -> None:  # noqa: F811
    file = tmp_path / "my-run.yaml"
    file.write_text(SMALL.replace("layer: 1", "layer: 3"), encoding="utf-8")
    line = one_line(cli(home, "run", "--config", str(file), "--model", tiny), 2)
    assert line == f"llmw-tutor: {file}:5:10: layer = 3 is out of range; {tiny} has layers 0 to 2"


def test_a_file_that_is_not_there_is_2(home: Path, tmp_path: Path) -> None:  # noqa: F811
    none = tmp_path / "none.yaml"
    line = one_line(cli(home, "run", "--config", str(none)), 2)
    assert line == f"llmw-tutor: {none} cannot be read: no such file or directory; see that it is there"
    both = cli(home, "run", "next_token", "--config", str(EXAMPLE))
    assert both.returncode == 2
    assert "not allowed with" in both.stderr


@pytest.mark.parametrize("name", NAMES)
def test_every_experiment_prints_its_page_from_the_catalogue(name: str) -> None:
    from tutor.commands.catalogue import page

    text = page(experiment(name))
    assert all(f"\n{fact} " in text for fact in experiment(name).facts.model_fields)


# --- two columns -----------------------------------------------------------------------------------------------------


def bars(note: str = "") -> Tokens:
    runs = [Distribution(name=n, tokens=[" Mary", " 日本"], probabilities=[0.75, 0.25]) for n in ("BASE", "TWEAK")]
    return Tokens(title="The next token", note=note, runs=runs)


def test_two_columns_hold_all_that_one_does() -> None:
    base, tweak = "the first text goes on and on " * 5, "日本語の長い文章です。" * 12
    figure = Texts(
        title="What it writes", prompt="a b " * 60, texts=[Text(name="BASE", text=base), Text(name="TWEAK", text=tweak)]
    )
    text = text_of(figure, 100)
    rows = text.splitlines()
    assert max(map(cell_len, rows)) <= 100
    sides = [row.split(" │ ") for row in rows if "│" in row]
    assert " ".join(" ".join(left.strip() for left, *_ in sides).split()) == "BASE " + base.strip()
    assert "".join(right for _, *rest in sides for right in rest) == "TWEAK" + tweak
    assert text_of(figure, 99) == figure.text(99)


def test_bars_stand_beside_each_other_with_title_and_note_once() -> None:
    rows = text_of(bars("How to read it."), 110).splitlines()
    assert (rows[0], rows[-1]) == ("The next token", "How to read it.")
    assert len(rows) == 4
    assert rows[1].index("│") == rows[2].index("│") + 2, "two signs of two cells each: the bar is in one line"
    assert max(map(cell_len, rows)) <= 110


def test_a_figure_of_one_run_is_as_it_is() -> None:
    one: Any = bars().model_copy(update={"runs": bars().runs[:1]})
    assert text_of(one, 120) == one.text(120)


@pytest.mark.parametrize("width", [1, 2, 3, 10, 40])
def test_lines_lose_nothing_and_never_run_over(width: int) -> None:
    text = "a wordthatismuchlongerthantheline  and 日本語 the end"
    broken = lines(text, max(2, width))
    assert all(cell_len(line) <= max(2, width) for line in broken)
    assert "".join(broken).replace(" ", "") == text.replace(" ", "")
    assert lines("", 10) == [""]
