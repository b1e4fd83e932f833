"""`llmw-tutor export` as a shell meets it: which files it writes, and that each is whole."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.journal.test_export import TAKEN
from tutor.cli import main
from tutor.journal.store import Store

LINK = re.compile(r"!\[[^\]]*\]\(([^)]*)\)")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with Store.open(tmp_path / "home", "me") as store:
        for event in TAKEN:
            store.append("one-head", event)
    return tmp_path / "home"


def test_pictures_lie_beside_the_page_and_are_drawings(home: Path, tmp_path: Path) -> None:
    page = tmp_path / "my notes (1).md"
    for more in ([], ["--force"]):  # again over what is there
        assert main(["export", "-o", str(page), "--home", str(home), *more]) == 0
    (link,) = LINK.findall(page.read_text("utf-8"))
    assert link == "my%20notes%20%281%29-figures/01-00-0.svg"
    (drawing,) = (tmp_path / "my notes (1)-figures").iterdir()
    assert ElementTree.fromstring(drawing.read_text("utf-8")).tag == "{http://www.w3.org/2000/svg}svg"


def test_pictures_can_be_in_the_page(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--pictures", "inline", "--home", str(home)]) == 0
    (link,) = LINK.findall(capsys.readouterr().out)
    head, _, data = link.partition(",")
    assert head == "data:image/svg+xml;base64"
    assert ElementTree.fromstring(base64.b64decode(data)).tag.endswith("svg")


@pytest.mark.parametrize(("more", "pictures"), [([], 2), (["--pictures", "none"], 0)])
def test_a_page_of_html_holds_its_pictures_or_none(home: Path, tmp_path: Path, more: list[str], pictures: int) -> None:
    page = tmp_path / "page.html"
    assert main(["export", "--format", "html", "-o", str(page), "--home", str(home), *more]) == 0
    text = page.read_text("utf-8")
    assert text.count("<svg ") == pictures
    assert "BASE  6.1" in text
    assert [p.name for p in tmp_path.iterdir() if p != home] == ["page.html"]


def test_pictures_in_files_want_a_page(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--pictures", "files", "--home", str(home)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "-o FILE" in said.err


def test_a_page_that_cannot_be_written_is_one_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "-o", str(home / "no" / "such" / "page.md"), "--home", str(home)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "cannot write" in line


@pytest.mark.parametrize(
    ("name", "more", "begins"),
    [
        ("j.md", [], "# "),
        ("j.html", [], "<!DOCTYPE html>"),
        ("j.HTM", [], "<!DOCTYPE html>"),
        ("j.json", [], "{"),
        ("journal", [], "# "),
        ("j.json", ["--format", "md"], "# "),
        ("j.xyz", ["--format", "json"], "{"),
    ],
)
def test_the_name_of_the_file_says_what_to_write(
    home: Path, tmp_path: Path, name: str, more: list[str], begins: str
) -> None:
    assert main(["export", "-o", str(tmp_path / name), "--home", str(home), *more]) == 0
    assert (tmp_path / name).read_text("utf-8").lower().startswith(begins.lower())


def test_a_name_that_says_nothing_is_refused(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "-o", str(tmp_path / "j.xyz"), "--home", str(home)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "j.xyz" in line
    assert "end it in .md, .html or .json, or add --format" in line
    assert list(tmp_path.iterdir()) == [home]


def test_what_is_there_is_not_written_over(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "j.json"
    page.write_text("mine")
    argv = ["export", "-o", str(page), "--home", str(home)]
    assert main(argv) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert f"{page} is there already" in line
    assert "--force writes over it" in line
    assert page.read_text() == "mine"
    assert main([*argv, "--force"]) == 0
    assert page.read_text().startswith("{")


def test_nor_are_pictures_of_another_page(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "j-figures").mkdir()
    picture = tmp_path / "j-figures" / "01-00-0.svg"
    picture.write_text("mine")
    assert main(["export", "-o", str(tmp_path / "j.md"), "--home", str(home)]) == 1
    assert "01-00-0.svg is there already" in capsys.readouterr().err
    assert picture.read_text() == "mine"
    assert not (tmp_path / "j.md").exists()
