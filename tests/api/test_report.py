import re
import sys
from collections import Counter
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from api.report import page as pages
from api.report.page import page, write_report
from api.words import Words
from matching.errors import BadValue, NotReady
from matching.vocabulary import Finding, Language
from models.summary import Summary, summarise
from tests.models.trials import Lists, questions, trial

VI, EN = Words(Language.VI), Words(Language.EN)
BOTH = pytest.mark.parametrize("words", [VI, EN], ids=["vi", "en"])
Pages = dict[Language, str]
VOID = {"meta", "br", "hr", "img", "input", "link"}
PLOTS = ("leaderboard", "gains", "windows", "pool", "slices", "chances", "exposure")
HOSTILE = "<script>alert('x')</script> & $\\frac{1}{2}$ -->"


class Walk(HTMLParser):
    """Walks a page, and fails where an element is not closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.sections: dict[str, Counter[str]] = {}
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "section":
            self.sections[str(dict(attrs)["id"])] = Counter()
        elif self.sections:
            self.sections[list(self.sections)[-1]][tag] += 1
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in {"style", "script"}:
            self.text += f"{data} "

    def named(self, tag: str) -> list[dict[str, str | None]]:
        """Find the attributes of each element of a name."""
        return [attributes for name, attributes in self.tags if name == tag]


def evaluated(name: str = "ours", base: str = "base") -> Summary:
    """Summarise two windows of 120 startups each, of which the ranker served finds all."""
    tests = []
    for year in (2020, 2021):
        asked = {f"{year}-{at:03}": "ab" for at in range(120)}
        found: Lists = dict.fromkeys(asked, "abcd")
        lists: Lists = {id_: "bc" if at % 3 else "c" for at, id_ in enumerate(asked)}
        tests.append(
            trial(questions(year, asked), found, (base, lists), ("third", {}), name=name, chance=0.4)
        )
    return summarise(tests, as_of=date(2022, 1, 1), encoder="none")


@pytest.fixture(scope="module")
def summary() -> Summary:
    return evaluated()


@pytest.fixture(scope="module")
def pages_of(summary: Summary) -> dict[Language, str]:
    """The page in each language, drawn once."""
    return {words.language: page(summary, words) for words in (VI, EN)}


@BOTH
def test_the_page_is_well_formed_and_every_plot_has_its_table(pages_of: Pages, words: Words) -> None:
    walk = Walk(pages_of[words.language])
    assert [a["lang"] for a in walk.named("html")] == [words.language]
    assert {key for key, tags in walk.sections.items() if tags["svg"]} == set(PLOTS)
    assert all(tags["table"] >= tags["svg"] for tags in walk.sections.values())
    assert [tag for tag, _ in walk.tags if re.fullmatch("h[1-6]", tag)] == ["h1"] + ["h2"] * len(
        walk.sections
    )
    assert len(walk.named("caption")) == len(walk.named("table")) >= len(PLOTS)
    assert {a.get("scope") for a in walk.named("th")} == {"col", "row"}
    for svg in walk.named("svg"):
        assert svg["role"] == "img" and svg["aria-label"]
    assert all(a.get("tabindex") == "0" for a in walk.named("div"))


@BOTH
def test_the_page_needs_nothing_else(pages_of: Pages, words: Words) -> None:
    text = pages_of[words.language]
    walk = Walk(text)
    assert {tag for tag, _ in walk.tags} & {"script", "link", "img", "iframe", "object"} == set()
    told = [value for _, a in walk.tags for key, value in a.items() if key.split(":")[-1] in {"href", "src"}]
    assert told and all(value and value.startswith("#") for value in told)
    assert "@import" not in text and not re.search(r"url\((?!#)", text)
    assert set(re.findall(r"https?://[^\"'<\s]*", text)) == {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }


def test_every_id_is_there_once_and_every_reference_finds_one(pages_of: Pages) -> None:
    text = pages_of[Language.EN]
    walk = Walk(text)
    ids = Counter(a["id"] for _, a in walk.tags if "id" in a)
    assert ids and set(ids.values()) == {1}
    pointed = {str(v)[1:] for _, a in walk.tags for k, v in a.items() if k.endswith("href")}
    assert pointed | set(re.findall(r"url\(#([^)]*)\)", text)) <= set(ids)


def test_plots_are_drawings_whose_letters_can_be_read(pages_of: Pages) -> None:
    for drawing in re.findall(r"<svg.*?</svg>", pages_of[Language.VI], flags=re.DOTALL):
        told = "".join(ElementTree.fromstring(drawing).itertext())
        assert re.search(r"\d,\d", told)
    assert "(đang dùng)" in Walk(pages_of[Language.VI]).text


@BOTH
def test_the_numbers_are_those_of_the_summary(summary: Summary, pages_of: Pages, words: Words) -> None:
    text = Walk(pages_of[words.language]).text
    for method in summary.methods:
        for interval in (method.recall_10, method.recall_50, method.ndcg_10, method.mrr, *method.by_window):
            assert words.number(interval.mean) in text
        for value in (method.all_10, method.all_50, method.coverage, method.gini, *method.pool.values()):
            assert words.number(value) in text
    assert summary.method("base").recall_10.mean == pytest.approx(1 / 3)  # type: ignore[union-attr]
    assert words.number(2 / 3) in text  # the gain
    assert (words.number(1 / 3), words.number(0.01, 2)) == (
        ("0,333", "0,01") if words is VI else ("0.333", "0.01")
    )


@BOTH
def test_the_verdict_comes_first_with_its_number(pages_of: Pages, words: Words) -> None:
    first = re.search(r'<section id="verdict".*?</section>', pages_of[words.language], flags=re.DOTALL)
    assert first is not None
    told = Walk(first[0]).text
    assert all(words.number(number) in told for number in (1.0, 1 / 3, 2 / 3))
    assert words.share(0.0) in told  # nobody was out of reach


@BOTH
def test_everything_it_finds_can_be_said(words: Words) -> None:
    assert set(words.strings["finding"]) == set(Finding)


def test_every_string_of_the_page_is_said_somewhere() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in Path(pages.__file__).parent.glob("*.py"))
    code += (Path(pages.__file__).parents[1] / "words.py").read_text(encoding="utf-8")
    said = {key for key in EN.strings["report"] if re.search(f"[\"']{key}[\"']", code)}
    leads = {f"{key}_lead" for key in EN.strings["report"]}
    assert set(EN.strings["report"]) - said - leads == set()


def test_names_are_escaped() -> None:
    text = page(evaluated(name=HOSTILE, base=f"2{HOSTILE}"), EN)
    walk = Walk(text)
    assert walk.named("script") == [] and HOSTILE in walk.text
    assert not re.search(r"<!--", text)


@BOTH
def test_a_synthetic_market_is_called_so_at_the_top(pages_of: Pages, words: Words) -> None:
    nothing = Summary((), (), None, None, (), synthetic=True)
    told, real = page(nothing, words), pages_of[words.language]
    banner = words.say("report", "synthetic")
    assert banner not in real
    assert told.index(banner) < told.index('id="verdict"')


@BOTH
@pytest.mark.parametrize(
    "truth", [None, {}, {"s": "z"}, {"s": "a"}], ids=["no test", "none", "unreachable", "one"]
)
def test_an_evaluation_of_nothing_says_so(words: Words, truth: dict[str, str] | None) -> None:
    few = summarise([] if truth is None else [trial(questions(2020, truth), {}, ("base", {}))])
    walk = Walk(page(few, words))
    assert ("leaderboard" in walk.sections) == (truth == {"s": "a"})
    assert words.say("report", "few", enough=100) in walk.text
    if truth != {"s": "a"}:
        assert words.say("finding", "no_question") in walk.text
    assert "nan" not in walk.text


def test_without_chances_their_part_says_so() -> None:
    told = trial(questions(2020, {"s": "a"}), {"s": "a"}, ("base", {}))
    walk = Walk(page(summarise([told]), EN))
    assert EN.say("report", "chances_none") in walk.text
    assert walk.sections["chances"]["svg"] == 0


def test_the_same_summary_makes_the_same_bytes(summary: Summary, tmp_path: Path) -> None:
    for name in ("a.html", "b.html"):
        slower = replace(summary, methods=tuple(replace(m, seconds=len(name)) for m in summary.methods))
        write_report(slower, tmp_path / name, VI)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.html", "b.html"]


def test_stopped_midway_the_old_page_is_untouched(
    summary: Summary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "page.html"
    out.write_text("old", encoding="utf-8")

    def stop(summary: Summary, words: Words) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(pages, "page", stop)
    with pytest.raises(KeyboardInterrupt):
        write_report(summary, out, EN)
    assert out.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("name", ["page.pdf", "nowhere/page.html"])
def test_a_page_goes_into_a_folder_and_ends_in_html(summary: Summary, tmp_path: Path, name: str) -> None:
    with pytest.raises(BadValue, match="--report"):
        write_report(summary, tmp_path / name, EN)


@pytest.mark.parametrize("missing", ["matplotlib", "jinja2"])
def test_without_the_extra_the_cure_is_told(
    summary: Summary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    monkeypatch.setattr(pages, "find_spec", lambda name: None if name == missing else object())
    with pytest.raises(NotReady, match=re.escape("pip install 'ketnoi[report]'")):
        write_report(summary, tmp_path / "page.html", EN)
    assert list(tmp_path.iterdir()) == []
