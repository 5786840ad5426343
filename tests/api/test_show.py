import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from api.answers import Answers
from api.show import MARKS, Screen
from api.words import Words
from matching.chances import Chance
from matching.vocabulary import Band, IntroductionStatus, Language
from tests.api.installation import Ketnoi, write, write_json
from tests.matching.worlds import ASKING, FARMCO, hand_made

ODD = "[bold]x[/bold] [/] [link=a]b :tiger: {startup} \\"
FOLDER = {
    "startups": "startup_id,name,sectors,country\na,[red]Alpha[/red],fintech,VN\nb,Beta,fintech,VN\n",
    "funds": "fund_id,name,countries\nf,[i]Fund[/i] :moon:,VN\ng,Other,VN\n",
    "investments": "startup_id,fund_id,announced_on,round,source\na,f,2024-05,seed,https://x.example/[b]/:80:/\n",
}


def on_terminal(width: int, language: Language = Language.EN, *, colours: bool = False) -> str:
    """Print the shortlist of the world told by hand."""
    file = io.StringIO()
    console = Console(file=file, width=width, force_terminal=colours)
    Screen(console, Words(language), {}).shortlist(hand_made().shortlist(ASKING, 3))
    return file.getvalue()


@pytest.fixture
def small(ketnoi: Ketnoi, tmp_path: Path) -> Ketnoi:
    """An installation with names that look like markup."""
    assert ketnoi("import", write(tmp_path / "in", **FOLDER)).code == 0
    return ketnoi


def test_a_suggestion_says_its_band_in_words_a_risk_and_its_sources(vietnam: Ketnoi) -> None:
    out = vietnam("shortlist", "coolmate", "--k", 4).out
    blocks = out.split("\n\n")[1:-1]
    assert len(blocks) == 4
    for rank, block in enumerate(blocks, 1):
        head, *lines = block.splitlines()
        assert re.match(rf" {rank}\. .+  (●●● Strong|●●○ Medium|●○○ Low)$", head)
        assert sum(line.startswith("    ! Check first: ") for line in lines) == 1
        assert len([line for line in lines if line.startswith("    + ")]) in (1, 2, 3)
    assert re.search(r"↳ backed Pharmacity \(.*\)  source: https://e\.theleader\.vn/", out)


def test_every_band_has_a_mark_of_its_own() -> None:
    assert set(MARKS) == set(Band)
    assert len(set(MARKS.values())) == len(Band)


def test_a_person_decides_is_said_on_every_list(vietnam: Ketnoi) -> None:
    assert "AI suggestion: a person decides" in vietnam("shortlist", "coolmate").out
    assert "gợi ý của AI: con người quyết định" in vietnam("shortlist", "coolmate", "--lang", "vi").out


def test_markup_in_a_startup_s_name_is_shown_as_it_is(small: Ketnoi, tmp_path: Path) -> None:
    path = write_json(tmp_path / "p.json", {"name": ODD, "sectors": "fintech", "country": "VN"})
    assert small("shortlist", "--profile", path).out.startswith(f"Suggested funds for {ODD}\n")
    assert small("why", "f", "--profile", path).out.startswith(f"[i]Fund[/i] :moon: for {ODD}: rank 1 of 2")


def test_markup_in_a_fund_a_company_or_a_source_is_shown_as_it_is(small: Ketnoi) -> None:
    out = small("shortlist", "b").out
    assert "\n 1. [i]Fund[/i] :moon:  ●" in out
    assert "↳ backed [red]Alpha[/red] (Seed; 05/2024; same sector: " in out
    assert "source: https://x.example/[b]/:80:/" in out


def test_markup_in_a_word_not_understood_is_shown_as_it_is(small: Ketnoi, tmp_path: Path) -> None:
    path = write_json(tmp_path / "p.json", {"name": "A", "sectors": "[bold]zzz"})
    assert (
        small("shortlist", "--profile", path).err
        == "Not in the vocabulary (unknown sectors still serve to compare startups): sectors '[bold]zzz'\n"
    )


@pytest.mark.parametrize("language", Language)
def test_a_narrow_terminal_gets_the_same_lines(language: Language) -> None:
    assert on_terminal(20, language) == on_terminal(200, language)


def test_colours_are_for_terminals_and_change_no_word() -> None:
    coloured = on_terminal(100, colours=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == on_terminal(100)


def test_why_tells_the_steps_after_a_yes_where_they_are_known() -> None:
    def after_yes(fund_id: str) -> dict[IntroductionStatus, Chance]:
        return {IntroductionStatus.MET: Chance(0.62, 0.5, 0.731)} if fund_id == "money" else {}

    verdict = hand_made().why(FARMCO, "money")
    for language, line in (
        (Language.EN, "if it accepts: meeting 62.0 % (95 %: 50.0 to 73.1 %)"),
        (Language.VI, "nếu quỹ nhận lời: gặp mặt 62,0 % (95 %: từ 50,0 đến 73,1 %)"),
    ):
        file = io.StringIO()
        Screen(Console(file=file, width=200), Words(language), {}, after_yes).verdict(verdict)
        assert f"\n    {line}\n" in file.getvalue()
    told = Answers(Words(Language.EN), {}, after_yes).verdict(verdict)
    assert told["ranked"]["after_yes"] == {"met": {"probability": 0.62, "low": 0.5, "high": 0.731}}
    assert Answers(Words(Language.EN), {}).verdict(verdict)["ranked"]["after_yes"] == {}


def test_why_shows_what_speaks_for_a_fund_and_what_holds_it_down() -> None:
    file = io.StringIO()
    Screen(Console(file=file, width=200), Words(Language.EN), {}).verdict(hand_made().why(FARMCO, "money"))
    out = file.getvalue()
    assert out.startswith("Money for your text: rank ")
    speaks, _, holds = out.partition("  Holds it down:\n")
    assert "  Speaks for it:\n" in speaks and "\n    + " in speaks
    assert holds.startswith("    - ") and "\n    ! Check first: " in holds
