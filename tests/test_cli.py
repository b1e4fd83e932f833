"""The command line, as a shell meets it: what it prints where, and its exit status."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tutor import __version__
from tutor.cli import COMMANDS, split
from tutor.events import Finished, Replied, Started
from tutor.journal.store import Store

ROOT = Path(__file__).parent.parent
CLI = [sys.executable, "-m", "tutor.cli"]
PROMPT = "prompt=The cat sat on the"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture(scope="session")
def tiny() -> str:
    """The folder of a tiny random model, so that a real run takes a moment only."""
    from tests.engine.tiny import tiny_folder

    return str(tiny_folder("llama"))


def environment(home: Path) -> dict[str, str]:
    ours = {k: v for k, v in os.environ.items() if not k.startswith("LLMW_")}
    return {**ours, "LLMW_HOME": str(home), "LLMW_DEVICE": "cpu", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}


def cli(home: Path, *argv: str, **more: str) -> subprocess.CompletedProcess[str]:
    env = {**environment(home), **more}
    return subprocess.run([*CLI, *argv], capture_output=True, text=True, env=env, cwd=ROOT, timeout=120)


def one_line(done: subprocess.CompletedProcess[str], status: int) -> str:
    """The only line it said, on standard error, having printed nothing."""
    assert (done.returncode, done.stdout) == (status, ""), done.stderr
    (line,) = done.stderr.splitlines()
    return line


# --- arguments ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "argv",
    [
        ["--learner", "ada", "--lessons", "x", "run", "next_token", "--set", "a=--b", "--lessons=y", "--json"],
        ["run", "--json", "next_token", "--lessons", "x", "--set", "a=--b", "--lessons", "y", "--learner=ada"],
    ],
)
def test_options_everywhere_work_before_and_after_the_command(argv: list[str]) -> None:
    options, name, args = split(argv)
    assert (options.learner, options.lessons, name) == ("ada", ["x", "y"], "run")
    assert (args.experiment, args.set, args.json, args.seed) == ("next_token", ["a=--b"], True, None)


def test_what_is_no_command_is_a_lesson() -> None:
    assert split([])[1:] == (None, split([])[2])
    assert split(["--offline", "silence-one-head"])[2].lesson == "silence-one-head"


@pytest.mark.parametrize("argv", [["--version"], ["run", "--version"]])
def test_version(home: Path, argv: list[str]) -> None:
    done = cli(home, *argv)
    assert (done.returncode, done.stdout) == (0, f"llmw-tutor {__version__}\n")


@pytest.mark.parametrize("argv", [["--help"], *([name, "--help"] for name in COMMANDS)])
def test_help_names_the_options_everywhere(home: Path, argv: list[str]) -> None:
    done = cli(home, *argv)
    assert done.returncode == 0
    assert "--learner NAME" in done.stdout
    assert "--home DIR" in done.stdout


@pytest.mark.parametrize("argv", [["run"], ["--nonsense"], ["export", "--format", "pdf"], ["run", "x", "--seed", "y"]])
def test_bad_usage_is_2(home: Path, argv: list[str]) -> None:
    done = cli(home, *argv)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("llmw-tutor")
    assert "--help" in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_tutor_itself_needs_a_terminal(home: Path) -> None:
    env = environment(home)
    done = subprocess.run(CLI, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=env, cwd=ROOT)
    assert "needs a terminal" in one_line(done, 2)
    assert not home.exists()


def test_wrong_settings_are_one_line(home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text('devise = "cpu"')
    assert "config.toml:1: there is no setting 'devise'; did you mean 'device'?" in one_line(cli(home, "lessons"), 2)
    assert "--budget = 'x'" in one_line(cli(home, "lessons", "--budget", "x", "--home", str(home / "other")), 2)


# --- the catalogue --------------------------------------------------------------------------------------------------


def test_experiments_lists_them_all(home: Path) -> None:
    done = cli(home, "experiments")
    assert done.returncode == 0
    for name in ("next_token", "head_ablation", "logit_lens", "sampling"):
        assert name in done.stdout


def test_an_experiment_shows_ranges_defaults_units_and_its_page(home: Path) -> None:
    done = cli(home, "experiments", "head_ablation")
    lines = {line.split("  ")[0]: line for line in done.stdout.splitlines() if line}
    assert "a whole number from 0 to heads - 1" in lines["head"]
    assert "must be set" in lines["head"]
    assert "one of zero, mean" in lines["mode"]
    assert "zero" in lines["mode"].split("mean")[1]
    assert "logits" in lines["base_logit_diff"]
    assert "bits" in lines["kl_bits"]
    page = Path(lines["code:"].split()[-1])
    assert "def run(lab" in page.read_text()


@pytest.mark.parametrize("command", ["experiments", "run"])
def test_an_unknown_experiment_is_told_what_comes_near(home: Path, command: str) -> None:
    line = one_line(cli(home, command, "head_ablatoin"), 2)
    assert line.startswith("llmw-tutor: there is no experiment 'head_ablatoin'; did you mean head_ablation")
    assert "there are: next_token, " in one_line(cli(home, command, "zzz"), 2)


@pytest.mark.parametrize(
    ("typed", "meant"), [("rum", "run"), ("lesson", "lessons"), ("silence-head", "silence-one-head")]
)
def test_an_unknown_command_is_told_what_comes_near(home: Path, typed: str, meant: str) -> None:
    line = one_line(cli(home, typed), 2)
    assert line.startswith(f"llmw-tutor: there is no lesson or command '{typed}'; did you mean {meant}")


def test_lessons_shows_what_is_done(home: Path) -> None:
    before = cli(home, "lessons", "--learner", "ada").stdout
    assert "○ not begun" in before
    assert not home.exists(), "a look changes nothing"
    with Store.open(home, "ada") as store:
        store.append("silence-one-head", Started(""))
        store.append("silence-one-head", Finished(""))
        store.append("what-comes-next", Started(""))
        store.append("what-comes-next", Replied("warm-up", "from texts"))
        after = cli(home, "lessons", "--learner", "ada").stdout.splitlines()
    assert any(line.startswith("  ● done ") and " silence-one-head " in line for line in after)
    assert any(line.startswith("  ◐ step 1 of ") and " what-comes-next " in line for line in after)


def test_check_knows_a_good_lesson_and_a_bad_one(home: Path, tmp_path: Path) -> None:
    assert cli(home, "check", str(next((ROOT / "lessons").rglob("silence-one-head.yaml")))).returncode == 0
    (tmp_path / "bad.yaml").write_text("format: 1\nid: no\n")
    done = cli(home, "check", str(tmp_path / "bad.yaml"))
    assert done.returncode == 1
    assert "bad.yaml:2:" in done.stdout + done.stderr


# --- run ------------------------------------------------------------------------------------------------------------


def test_run_json_is_one_object_and_nothing_else(home: Path, tiny: str) -> None:
    argv = ["run", "next_token", "--set", PROMPT, "--set", "answer= mat", "--set", "top=3", "--set", "bos=true"]
    done = cli(home, *argv, "--seed", "5", "--model", tiny, "--device", "cpu", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    result = json.loads(done.stdout)
    assert list(result) == ["experiment", "model", "device", "dtype", "seed", "parameters", "facts", "figures"]
    assert (result["experiment"], result["device"], result["seed"]) == ("next_token", "cpu", 5)
    wanted = {"prompt": "The cat sat on the", "answer": " mat", "top": 3, "bos": True}
    assert wanted.items() <= result["parameters"].items()
    assert 0 <= result["facts"]["top_prob"] <= 1
    assert result["figures"][0]["kind"] == "tokens"
    assert done.stdout.isascii()


def test_a_token_without_its_space_is_doubted_beside_the_result(home: Path, tiny: str) -> None:
    argv = ["run", "next_token", "--set", PROMPT, "--model", tiny, "--json", "--set"]
    done = cli(home, *argv, "answer=m")
    assert done.returncode == 0
    assert "answer is “m” with no space before it; as the next word it would be “·m”" in done.stderr
    assert json.loads(done.stdout)["parameters"]["answer"] == "m"
    done = cli(home, *argv, "answer=·mat")
    assert (json.loads(done.stdout)["parameters"]["answer"], done.stderr) == (" mat", "")


def test_run_prints_figures_facts_and_a_command_that_repeats_it(home: Path, tiny: str) -> None:
    done = cli(home, "run", "next_token", "--set", PROMPT, "--model", tiny)
    assert (done.returncode, done.stderr) == (0, "")
    assert "The next token\n" in done.stdout
    assert "probability" in next(line for line in done.stdout.splitlines() if line.startswith("top_prob"))
    command = done.stdout.splitlines()[-1].removeprefix("again: ")
    assert command.startswith("llmw-tutor run next_token ")
    shell = command.replace("llmw-tutor", f"{sys.executable} -m tutor.cli", 1)
    again = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, env=environment(home), cwd=ROOT)
    assert again.stdout == done.stdout


def test_text_of_learner_and_model_cannot_restyle_the_terminal(home: Path, tiny: str) -> None:
    done = cli(home, "run", "sampling", "--set", "prompt=\x1b[31mred\x9b [b]", "--set", "n=1", "--model", tiny)
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    assert "\x9b" not in done.stdout + done.stderr
    assert "␛[31mred� [b]" in done.stdout


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "prompt is missing; it must be text, not empty"),
        (["prompt="], "prompt is empty; it must be text"),
        (["prompt=a", "top=99"], "top = '99' is out of range; it must be a whole number from 1 to 50"),
        (["prompt=a", "top=many"], "top = 'many'; it must be a whole number"),
        (["prompt=a", "heads=3"], "next_token has no parameter 'heads'; it has: "),
        (["propmt=a"], "llmw-tutor: next_token has no parameter 'propmt'; did you mean prompt? It has: "),
        (["prompt"], "write --set key=value"),
        (["prompt=a", "prompt=b"], "prompt is set twice"),
    ],
)
def test_a_bad_parameter_is_2_and_starts_no_engine(home: Path, given: list[str], said: str) -> None:
    sets = [word for pair in given for word in ("--set", pair)]
    done = cli(home, "run", "next_token", *sets, "--engine", "an-engine-that-is-not-there", "--json")
    assert said in one_line(done, 2)


def test_all_that_is_missing_is_named_at_once(home: Path) -> None:
    line = one_line(cli(home, "run", "head_ablation", "--set", PROMPT), 2)
    assert "layer, head, answer and distractor are missing; layer: a whole number from 0 to layers - 1; head: " in line


def test_a_parameter_without_its_set_is_told_how_it_is_written(home: Path) -> None:
    done = cli(home, "run", "next_token", "prompt=The cat", "top=3")
    assert "a parameter is written --set 'prompt=The cat'" in one_line(done, 2)
    assert "unrecognized arguments: top; see" in one_line(cli(home, "run", "next_token", "top"), 2)


def test_what_only_the_model_can_refuse_is_2_as_well(home: Path, tiny: str) -> None:
    sets = ["--set", PROMPT, "--set", "layer=99", "--set", "head=0", "--set", "answer= cat", "--set", "distractor= dog"]
    line = one_line(cli(home, "run", "head_ablation", *sets, "--model", tiny), 2)
    assert "layer = 99" in line


def test_a_model_that_cannot_be_had_is_3(home: Path, tmp_path: Path) -> None:
    argv = ["run", "next_token", "--set", PROMPT, "--offline", "--json", "--model", str(tmp_path / "nowhere")]
    assert "nowhere" in one_line(cli(home, *argv), 3)


def test_a_model_s_short_name_with_a_slip_is_told_what_comes_near(home: Path) -> None:
    argv = ["run", "next_token", "--set", PROMPT, "--offline", "--json", "--model"]
    assert "did you mean smollm2-135m? Otherwise connect" in one_line(cli(home, *argv, "smollm2-13m"), 3)
    assert "did you mean" not in one_line(cli(home, *argv, "me/tiny"), 3)


def test_an_engine_that_fails_is_4(home: Path) -> None:
    argv = ["run", "next_token", "--set", PROMPT, "--json", "--engine"]
    assert "an-engine-that-is-not-there" in one_line(cli(home, *argv, "an-engine-that-is-not-there"), 4)
    one_line(cli(home, *argv, f"{sys.executable} -c 'raise SystemExit(3)'"), 4)


def test_models_lists_the_one_that_is_always_there(home: Path) -> None:
    done = cli(home, "models")
    assert done.returncode == 0
    assert "smollm2-135m" in done.stdout
    assert "Nothing is fetched while offline: --offline" in one_line(
        cli(home, "models", "--fetch", "gpt2", "--offline"), 3
    )


# --- export ---------------------------------------------------------------------------------------------------------


def test_export_works_beside_an_open_tutor_and_writes_files_whole(home: Path, tmp_path: Path) -> None:
    with Store.open(home, "me") as store:
        store.append("silence-one-head", Started(""))
        store.append("silence-one-head", Replied("warm-up", "nothing \x1b[31m"))
        done = cli(home, "export")
        assert done.returncode == 0
        assert "nothing ␛\\[31m" in done.stdout
        whole = json.loads(cli(home, "export", "--format", "json", "--lesson", "silence-one-head").stdout)
        assert whole["events"][1]["body"] == {"text": "nothing \x1b[31m", "asks": "", "misconception": None}
        written = cli(home, "export", "-o", str(tmp_path / "page.md"))
        assert (written.stdout, written.stderr) == ("", f"Wrote {tmp_path / 'page.md'}\n")
        assert (tmp_path / "page.md").read_text(encoding="utf-8") == done.stdout
        assert "did you mean silence-one-head?" in one_line(cli(home, "export", "--lesson", "silence-head"), 2)
        assert "cannot write" in one_line(cli(home, "export", "-o", str(tmp_path / "no" / "page.md")), 1)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["home", "page.md"]


def test_a_damaged_journal_is_one_line_to_export_and_stays(home: Path) -> None:
    home.mkdir()
    (home / "journal.db").write_bytes(b"this is no database" * 100)
    assert "damaged" in one_line(cli(home, "export"), 1)
    assert [p.name for p in home.iterdir()] == ["journal.db"]


# --- how a command ends ---------------------------------------------------------------------------------------------


def test_ctrl_c_is_one_line_and_130_and_takes_the_engine_along(home: Path, tmp_path: Path) -> None:
    silent = tmp_path / "silent.py"
    note = str(tmp_path / "pid")
    silent.write_text(f"import os, sys\nopen({note!r}, 'w').write(str(os.getpid()))\nsys.stdin.read()\n")
    argv = [*CLI, "run", "next_token", "--set", PROMPT, "--engine", f"{sys.executable} {silent}"]
    process = subprocess.Popen(
        argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(home), cwd=ROOT
    )
    wait_for(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text())
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out, err.strip()) == (130, "", "Stopped.")
    wait_for(lambda: not alive(int((tmp_path / "pid").read_text())))


def test_a_reader_that_goes_away_is_no_error(home: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*CLI, "experiments"], stdout=writer, stderr=subprocess.PIPE, text=True, env=environment(home), cwd=ROOT
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")


def test_a_terminal_that_knows_only_ascii_gets_question_marks(home: Path) -> None:
    done = cli(home, "experiments", "next_token", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "?" in done.stdout


CRASH = """
import sys
import tutor.commands.catalogue as catalogue
def broken(name):
    secret = "value-of-a-local"
    raise RuntimeError("it broke with sk-ant-abcdefgh12345 and hush-hush")
catalogue.experiments = broken
from tutor.cli import main
sys.exit(main(["experiments"]))
"""


def test_a_crash_is_one_line_with_a_log_that_tells_no_secrets(home: Path) -> None:
    env = {**environment(home), "SOME_API_KEY": "hush-hush", "PLAIN": "plain-value"}
    done = subprocess.run([sys.executable, "-c", CRASH], capture_output=True, text=True, env=env, cwd=ROOT)
    line = one_line(done, 70)
    (log,) = home.glob("crash-*.log")
    assert str(log) in line
    text = log.read_text()
    assert "RuntimeError: it broke with [hidden] and [hidden]" in text
    assert "in broken" in text
    assert __version__ in text
    assert "plain-value" not in text
    assert log.stat().st_mode & 0o077 == 0


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for(what: object, within: float = 30) -> None:
    end = time.monotonic() + within
    while not what():  # type: ignore[operator]
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


def test_output_that_cannot_be_written_is_one_line_and_a_closed_one_is_none(home: Path) -> None:
    lessons = [sys.executable, "-m", "tutor.cli", "lessons"]
    for redirect, status, said in ((">/dev/full", 1, "could not be written"), (">&-", 0, ""), ("<&-", 0, "")):
        if "full" in redirect and not Path("/dev/full").exists():
            continue
        command = f"{shlex.join(lessons)} {redirect}"
        done = subprocess.run(["sh", "-c", command], env=environment(home), capture_output=True, text=True, timeout=120)
        assert (done.returncode, "Traceback" in done.stderr) == (status, False), done.stderr
        assert said in done.stderr
