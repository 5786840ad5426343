"""Put an evaluation together: which methods, on which tests."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from api.compose import App
from data.answers import read_candidates, read_truth
from data.faults import FileReport
from data.profiles import read_profiles
from matching.dates import months_before
from matching.errors import BadValue
from matching.vocabulary import Control
from models.baselines import bm25, content, ease, lottery, popularity, product_kernel, region_sector, ridge
from models.evaluation import TUNING_WINDOWS, Family, is_tuned
from models.retrained import Retrained
from models.served import Released, Served
from models.windows import MONTHS, Questions, Window, candidates, question

FAMILIES: tuple[Family, ...] = (
    (Served(),),
    product_kernel.GRID,
    ridge.GRID,
    region_sector.GRID,
    ease.GRID,
    bm25.GRID,
    content.DENSE_GRID,
    content.GRID,
    popularity.RECENT_GRID,
    popularity.GRID,
    lottery.GRID,
)


@dataclass(frozen=True)
class OwnQuestions:
    """Files of questions of one's own; without `candidates` the protocol's are taken."""

    profiles: Path
    truth: Path
    candidates: Path | None = None

    def read(self, app: App, cut: date | None) -> tuple[Questions, FileReport]:
        """Read the test that is put on the day `cut`, and what of the profiles was not used or understood.

        Raises
        ------
        data.profiles.Refused
            If a file breaks a rule.
        BadValue
            If no day is given, or an answer belongs to nobody who is asked about.
        """
        if cut is None:
            raise BadValue("given with --profiles: the day the questions are put", "nothing", "--as-of")
        profiles, report = read_profiles(self.profiles)
        ids = [profile.startup_id for profile in profiles]
        truth = read_truth(self.truth)
        strangers = sorted(set(truth) - set(ids))
        if strangers:
            rule = f"one that {self.profiles.name} asks about"
            raise BadValue(rule, strangers[0], f"{self.truth.name}: startup_id")
        deals = app.store.knowledge(cut).deals
        chosen = read_candidates(self.candidates) if self.candidates else candidates(deals, cut)
        questions = Questions(
            window=Window(cut, months_before(cut, -MONTHS)),
            queries=tuple(question(profile, cut) for profile in profiles),
            truth={id_: truth.get(id_, frozenset()) for id_ in ids},
            candidates=chosen,
            deals_before=Counter(deal.fund_id for deal in deals),
        )
        return questions, report


def choose(names: Sequence[str], model: str, engines: Sequence[Family] = ()) -> list[Family]:
    """Choose methods by name; all that the embedding model allows, where no name is given.

    Parameters
    ----------
    engines : methods of this installation; one that trains takes part only where it is named.

    Raises
    ------
    BadValue
        If there is no method of a name.
    """
    families = [family for family in FAMILIES if family is not content.DENSE_GRID or model != "none"]
    known = {family[0].name: family for family in (*engines, *families)}
    for name in names:
        if name not in known:
            raise BadValue(f"one of {', '.join(known)}", name, "--method")
    usual = [name for name, family in known.items() if not isinstance(family[0], Retrained)]
    return [known[name] for name in dict.fromkeys(names or usual)]


def engines(app: App) -> list[Family]:
    """List what this installation can rank with beside the prior: its releases, and training anew."""
    released: list[Family] = [(Released(app.trained),)] if app.releases.list() else []
    return [*released, (Retrained(app.store),)]


def newest_end(app: App) -> date | None:
    """Return the day after the newest deal up to today, where the last window ends; None without one."""
    deals = app.store.knowledge(None).deals
    today = app.now.date()
    days = [deal.announced_on for deal in deals if deal.announced_on and deal.announced_on <= today]
    return max(days) + timedelta(days=1) if days else None


def steps(families: Sequence[Family], windows: int, *, controls: bool) -> int:
    """Count how often an evaluation fits a method; `windows` is 0 for questions of one's own."""
    tests = max(1, windows)
    settings = sum(len(family) for family in families if is_tuned(family))
    tuning = tests + TUNING_WINDOWS - 1
    return settings * tuning + len(families) * (tests + (len(Control) if controls else 0))
