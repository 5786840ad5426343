"""Write and read what a release holds."""

from dataclasses import replace

from matching.rank import Trained
from matching.vocabulary import Rung
from models import acceptance
from models.acceptance import Acceptance
from models.artefact import Artefact
from models.calibrated_prior import CalibratedPrior
from models.learned_ranker import Learned


def write(trained: Trained) -> Artefact:
    """Write down what was trained."""
    if isinstance(trained, CalibratedPrior | Learned | Acceptance):
        return trained.to_artefact()
    return CalibratedPrior().to_artefact()


def read(artefact: Artefact, release: str) -> Trained:
    """Give back what was trained, under the name of its release.

    Raises
    ------
    BadValue
        If this version cannot read it.
    """
    if artefact.kind == Rung.PRIOR:
        return replace(CalibratedPrior.from_artefact(artefact), release=release)
    if artefact.kind == acceptance.KIND:
        return replace(Acceptance.from_artefact(artefact), release=release)
    return replace(Learned.from_artefact(artefact), release=release)
