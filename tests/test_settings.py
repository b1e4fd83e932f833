"""Settings: which of two wins, and what is said of one that cannot be used."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tutor.settings import ENVIRONMENT, KEYS, Rebound, Settings, SettingsError, load


def config(home: Path, text: str) -> None:
    (home / "config.toml").write_text(text, encoding="utf-8")


def test_without_anything_the_defaults_hold(tmp_path: Path) -> None:
    assert load({"home": str(tmp_path)}, {}) == Settings(home=tmp_path)


def test_home_is_the_users_data_folder_unless_it_is_given(tmp_path: Path) -> None:
    assert load({}, {}).home.name == "llmw-tutor"
    assert load({}, {"LLMW_HOME": str(tmp_path)}).home == tmp_path
    assert load({"home": str(tmp_path / "a")}, {"LLMW_HOME": str(tmp_path)}).home == tmp_path / "a"


def test_each_place_beats_the_one_before(tmp_path: Path) -> None:
    config(tmp_path, 'device = "cpu"\nmodel = "gpt2"\nlearner = "ada"\n')
    settings = load({"home": str(tmp_path), "model": "c"}, {"LLMW_MODEL": "b", "LLMW_DEVICE": "cuda"})
    assert (settings.learner, settings.device, settings.model) == ("ada", "cuda", "c")
    assert settings.origin == {"learner": "config.toml", "device": "LLMW_DEVICE", "model": "--model"}


def test_every_setting_can_stand_in_the_file(tmp_path: Path) -> None:
    text = """
    engine = "ssh gpu-box python -m engine"
    model = "gpt2"
    device = "cpu"
    budget = "800 MB"
    cache = "models"
    lessons = ["mine", "~/theirs"]
    learner = "Ben Ö."
    offline = true
    theme = "paper"
    reduced_motion = true
    plain = true
    reviews_per_day = 3
    [claude]
    model = "claude-haiku-4-5"
    effort = "default"
    max_tokens = 900
    tokens_per_day = 0
    """
    config(tmp_path, text)
    settings = load({"home": str(tmp_path)}, {})
    assert set(settings.origin) == set(KEYS)
    assert settings.cache == tmp_path / "models", "paths in the file are relative to its folder"
    assert settings.lessons == (tmp_path / "mine", Path.home() / "theirs")
    assert (settings.offline, settings.reduced_motion, settings.plain) == (True, True, True)
    options = settings.engine_options()
    assert (options["command"], options["budget"]) == ("ssh gpu-box python -m engine", "800 MB")


@pytest.mark.parametrize(("word", "means"), [("1", True), ("Yes", True), ("off", False), ("0", False), ("", False)])
def test_offline_in_the_environment(tmp_path: Path, word: str, means: bool) -> None:
    assert load({"home": str(tmp_path)}, {"LLMW_OFFLINE": word}).offline is means


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('model = "a"\n\ndevise = "cpu"', 3, "did you mean 'device'"),
        ('\ndevice = "gpu"', 2, "it is one of auto, cuda, mps, cpu"),
        ("offline = 1", 1, "it is true or false"),
        ("model = 3", 1, "it is text in quotes"),
        ('learner = ""', 1, "not empty"),
        ('learner = "a\\u001bb"', 1, "it is one line without control"),
        ("lessons = [1]", 1, "a list of folders"),
        ("engine = 'ssh \"box'", 1, "a quotation mark is left open"),
        ('budget = "12 apples"', 1, "such as 12GB"),
        ('budget = "10000000000GB"', 1, "such as 12GB"),
        ('model = "a"\nmodel = "b"', 2, "not TOML"),
        ('model = "a', 1, "not TOML"),
        ("# fine\nmodel", 2, "not TOML"),
        ('anthropic_api_key = "sk-ant-1"', 1, "keys are never read from this file"),
        ('[engine]\ncommand = "x"', 1, "it is text"),
        ('[colours]\nred = "x"', 1, "there is no setting 'colours'"),
        ('model = "a"\n[claude]\nmodel = 3', 3, "it is text in quotes"),
        ('[claude]\neffort = "huge"', 2, "it is one of default, low"),
        ("[claude]\nmax_tokens = 3", 2, "it is a whole number from 100"),
        ("[claude]\ntokens_per_day = true", 2, "it is a whole number from 0"),
        ("[claude]\n\nmax_token = 900", 3, "did you mean 'claude.max_tokens'"),
        ('[claude]\napi_key = "sk-ant-1"', 2, "keys are never read from this file"),
        ('claude = "yes"', 1, "write [claude] and its keys below it"),
        ('claude_model = "x"', 1, "written as `model` in the table [claude]"),
        ('home = "/x"', 1, "by --home or LLMW_HOME"),
        ('keys = "x"', 1, "write [keys] and its keys below it"),
    ],
)
def test_a_wrong_file_is_told_by_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    config(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load({"home": str(tmp_path)}, {})
    assert str(caught.value).startswith(f"{tmp_path / 'config.toml'}:{line}: ")
    assert said in str(caught.value)


def test_a_key_in_the_file_is_not_repeated(tmp_path: Path) -> None:
    config(tmp_path, 'api_key = "sk-ant-secret"')
    with pytest.raises(SettingsError) as caught:
        load({"home": str(tmp_path)}, {})
    assert "secret" not in str(caught.value)


def test_a_file_that_is_not_utf8_is_told_by_line(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(b'model = "a"\nlearner = "\xff"\n')
    with pytest.raises(SettingsError, match=r"config\.toml:2: .*UTF-8"):
        load({"home": str(tmp_path)}, {})


@pytest.mark.parametrize("variable", [v for v, name in ENVIRONMENT.items() if name in ("device", "budget", "offline")])
def test_a_wrong_variable_is_named(tmp_path: Path, variable: str) -> None:
    with pytest.raises(SettingsError, match=f"{variable} = 'plenty'"):
        load({"home": str(tmp_path)}, {variable: "plenty"})


def test_a_wrong_argument_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="--device = 'tpu': it is one of"):
        load({"home": str(tmp_path), "device": "tpu"}, {})


def test_claude_is_set_in_its_table_and_in_the_environment(tmp_path: Path) -> None:
    config(tmp_path, 'model = "gpt2"\n[claude]\nmodel = "a"\ntokens_per_day = 1000\n')
    settings = load({"home": str(tmp_path)}, {"LLMW_CLAUDE_MODEL": "b", "LLMW_CLAUDE_MAX_TOKENS": "500"})
    assert (settings.model, settings.claude_model) == ("gpt2", "b")
    assert (settings.claude_max_tokens, settings.claude_tokens_per_day) == (500, 1000)
    with pytest.raises(SettingsError, match="LLMW_CLAUDE_MAX_TOKENS = 'many': it is a whole number"):
        load({"home": str(tmp_path)}, {"LLMW_CLAUDE_MAX_TOKENS": "many"})


def test_keys_are_passed_on_with_their_lines(tmp_path: Path) -> None:
    config(tmp_path, 'model = "gpt2"\n[keys]\nlesson.skip = "f9"\n\n[keys.figure]\ntable = ["t", "f6"]\n')
    file = tmp_path / "config.toml"
    assert load({"home": str(tmp_path)}, {}).keys == (
        Rebound("lesson.skip", "f9", f"{file}:3"),
        Rebound("figure.table", ["t", "f6"], f"{file}:6"),
    )


@pytest.mark.parametrize("variable", ["LLMW_PLAIN", "LLMW_REDUCED_MOTION"])
def test_comfort_can_be_set_in_the_environment(tmp_path: Path, variable: str) -> None:
    settings = load({"home": str(tmp_path)}, {variable: "1"})
    assert settings.plain or settings.reduced_motion
    with pytest.raises(SettingsError, match=f"{variable} = 'very': it is true or false"):
        load({"home": str(tmp_path)}, {variable: "very"})


def test_a_file_that_is_nested_too_deeply_is_told(tmp_path: Path) -> None:
    config(tmp_path, "[keys]\n" + "a." * 1200 + 'a = "x"')
    assert len(load({"home": str(tmp_path)}, {}).keys) == 1, "the screen says that there is no such action"
    config(tmp_path, "a = " + "[" * 3000 + "]" * 3000)
    with pytest.raises(SettingsError, match="nested too deeply"):
        load({"home": str(tmp_path)}, {})


def test_a_pipe_in_its_place_is_no_file_and_holds_nothing_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "config.toml")
    with pytest.raises(SettingsError, match="it is no file"):
        load({"home": str(tmp_path)}, {})
