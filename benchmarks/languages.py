"""Compare the same profile asked in Vietnamese and in English, over data/vietnam with own deals hidden.

Overlap of the first ten, recall and reciprocal rank in each language, and how they depend on the gain of the
text in the kernel, on summing or taking the best of a fund's evidence, and on centring the vectors. In every
variant the stored companies keep both their texts; only the question is told in one language.

    python -m benchmarks.languages
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from api.compose import App
from api.settings import read_settings
from benchmarks.hidden_deals import VIETNAM, bootstrap, measure, told
from data.database import migrate
from data.importer import import_folder
from matching.candidates import Retrieved, retrieve
from matching.features import count, features
from matching.gates import gate
from matching.infer import with_sectors
from matching.kernel import Kernel
from matching.knowledge import Knowledge
from matching.market import Floats, Ints, Market, build_market, profile_vectors
from matching.protocols import FloatMatrix, VectorStore
from matching.rank import PriorRanker
from matching.records import Startup
from matching.text import normalise
from matching.vocabulary import Language, Prompt

LANGUAGES = (Language.VI, Language.EN)
SPREAD = Kernel(text=2.5, text_alone=15.0, thesis=10.0)
"""The served gains for centred vectors, whose cosines spread four times as wide (.11 against .025)."""
GAINS = (2.5, 5.0, 10.0, 20.0, 40.0, 80.0)


@dataclass(frozen=True)
class Centred:
    """A vector store whose vectors lost a mean: of all texts, or of the texts of their own language."""

    store: VectorStore
    vietnamese: frozenset[str]
    means: tuple[FloatMatrix, FloatMatrix]

    @property
    def width(self) -> int:
        """Dimensions of a vector."""
        return self.store.width

    def vectors(self, texts: Sequence[str], prompt: Prompt) -> FloatMatrix:
        """Return unit rows of centred vectors."""
        rows = self.store.vectors(texts, prompt)
        for row, text in zip(rows, texts, strict=True):
            if row.any():
                row -= self.means[text in self.vietnamese]
                row /= np.linalg.norm(row)
        return rows


def centre(store: VectorStore, knowledge: Knowledge, *, by_language: bool) -> Centred:
    """Take the means over all stored profiles."""
    vietnamese = {normalise(startup.description_vi) for startup in knowledge.startups} - {""}
    texts = sorted({text for startup in knowledge.startups for text in startup.texts})
    rows, spoken = store.vectors(texts, Prompt.QUERY), np.array([text in vietnamese for text in texts])
    common = rows.mean(axis=0)
    means = (rows[~spoken].mean(axis=0), rows[spoken].mean(axis=0)) if by_language else (common, common)
    return Centred(store, frozenset(vietnamese), means)


def best_of(retrieved: Retrieved, market: Market) -> Retrieved:
    """Let only the nearest company and the nearest sentence of a fund count, instead of their sum."""
    portfolio, thesis = np.zeros(len(market.funds)), np.zeros(len(market.funds))
    held = market.holdings
    total = retrieved.portfolio.sum() / max(
        1e-12, (held.weight * retrieved.company_weight[held.company]).sum()
    )
    np.maximum.at(portfolio, held.fund, held.weight * retrieved.company_weight[held.company] * total)
    np.maximum.at(thesis, market.sentence_fund, retrieved.sentence_weight)
    return replace(retrieved, portfolio=portfolio, thesis=thesis)


@dataclass(frozen=True)
class Variant:
    """One way to match."""

    name: str
    kernel: Kernel = field(default_factory=Kernel)
    centring: str = ""
    best: bool = False


def asked(startup: Startup, language: Language, fields: str) -> Startup:
    """Tell a profile in one language: its text, its sectors, both, all fields but the text, or all."""
    startup = told(startup, language, "all")
    if fields in {"text", "sectors", "text+sectors"}:
        startup = replace(startup, country=None, city="")
    if fields == "text":
        startup = replace(startup, sectors=frozenset(), tags=())
    if fields in {"sectors", "fields"}:
        startup = replace(startup, description="", description_vi="", tags=())
    return startup


def rank(market: Market, store: VectorStore, startup: Startup, variant: Variant) -> Floats:
    """Score all funds of a market, gated ones last, as the engine does but for the variant."""
    text = profile_vectors([startup], store)[0]
    eligible = gate(startup, market).eligible
    startup = with_sectors(startup, text, market)
    retrieved = retrieve(startup, text, market)
    if variant.best:
        retrieved = best_of(retrieved, market)
    rows = np.arange(len(market.funds))
    matrix = features(startup, market, retrieved, count(startup, market), rows)
    return np.where(eligible, PriorRanker().parts(matrix).sum(axis=1), -np.inf)


@dataclass(frozen=True)
class Outcome:
    """What a variant and a choice of fields gave, by startup: (R@10, R@50, MRR) a language; overlap@10."""

    measures: dict[Language, Floats]
    overlap: Floats


def run(knowledge: Knowledge, app: App, variant: Variant, choices: Sequence[str]) -> dict[str, Outcome]:
    """Ask for every startup with a deal, in both languages, of a market that never saw its deals."""
    store: VectorStore = app.vectors
    if variant.centring:
        store = centre(app.vectors, knowledge, by_language=variant.centring == "language")
    measures: dict[str, list[list[tuple[float, float, float]]]] = {choice: [] for choice in choices}
    overlaps: dict[str, list[float]] = {choice: [] for choice in choices}
    for seed, (startup, market, truth) in enumerate(_hidden(knowledge, app, store, variant.kernel)):
        for choice in choices:
            asking = [asked(startup, language, choice) for language in LANGUAGES]
            scored = [rank(market, store, asks, variant) for asks in asking]
            vi, en = (set(np.argsort(-scores, kind="stable")[:10]) for scores in scored)
            overlaps[choice].append(len(vi & en) / 10)
            measures[choice].append([measure(scores, truth, seed) for scores in scored])
    return {choice: _outcome(measures[choice], overlaps[choice]) for choice in choices}


def _outcome(measures: list[list[tuple[float, float, float]]], overlaps: list[float]) -> Outcome:
    by_language = np.array(measures).transpose(1, 0, 2)
    return Outcome(dict(zip(LANGUAGES, by_language, strict=True)), np.array(overlaps))


def _hidden(
    knowledge: Knowledge, app: App, store: VectorStore, kernel: Kernel
) -> list[tuple[Startup, Market, Ints]]:
    found = []
    for startup in knowledge.startups:
        mine = {deal.fund_id for deal in knowledge.deals if deal.startup_id == startup.startup_id}
        if mine:
            others = tuple(deal for deal in knowledge.deals if deal.startup_id != startup.startup_id)
            market = build_market(replace(knowledge, deals=others), app.now.date(), store, kernel)
            found.append((startup, market, np.array([market.funds.row_of[fund] for fund in sorted(mine)])))
    return found


def show(name: str, outcome: Outcome) -> None:
    """Print one line: each language, their paired difference, the overlap."""
    cells = []
    for language in LANGUAGES:
        recall, mrr = outcome.measures[language][:, 0], outcome.measures[language][:, 2]
        low, high = bootstrap(recall)
        cells.append(f"{language} {recall.mean():.3f} [{low:.3f}, {high:.3f}] MRR {mrr.mean():.3f}")
    difference = outcome.measures[Language.VI][:, 0] - outcome.measures[Language.EN][:, 0]
    low, high = bootstrap(difference)
    cells.append(f"vi-en {difference.mean():+.3f} [{low:+.3f}, {high:+.3f}]")
    print(f"{name:<34}{'   '.join(cells)}   overlap@10 {outcome.overlap.mean():.2f}", flush=True)


def main() -> None:
    """Print the tables."""
    app = App(read_settings())
    migrate(app.database)
    import_folder(app.database, VIETNAM, app.now)
    knowledge = app.store.knowledge(None)
    choices = ("text", "sectors", "text+sectors", "fields", "all")
    print("as served: R@10 with its 95 % interval")
    served = run(knowledge, app, Variant("served"), choices)
    for choice, outcome in served.items():
        show(choice, outcome)
    print("\nwhat the text adds to R@10, paired by startup")
    for more, less in (("text+sectors", "sectors"), ("all", "fields")):
        for language in LANGUAGES:
            added = served[more].measures[language][:, 0] - served[less].measures[language][:, 0]
            low, high = bootstrap(added)
            print(f"{more} - {less}, {language}: {added.mean():+.3f} [{low:+.3f}, {high:+.3f}]")
    print("\ntext+sectors, by variant")
    variants = [Variant(f"text gain {gain:g}", Kernel(text=gain)) for gain in GAINS]
    variants += [
        Variant("best evidence, not the sum", best=True),
        Variant("centred on the common mean", SPREAD, centring="common"),
        Variant("centred by language", SPREAD, centring="language"),
    ]
    for variant in variants:
        show(variant.name, run(knowledge, app, variant, ("text+sectors",))["text+sectors"])
    print("\ntext alone, by its gain")
    for gain in GAINS:
        variant = Variant(f"text gain {gain:g}", Kernel(text_alone=gain))
        show(variant.name, run(knowledge, app, variant, ("text",))["text"])
    app.close()


if __name__ == "__main__":
    main()
