"""Import a folder, then embed the texts that are new."""

from api.compose import App
from matching.knowledge import Knowledge
from matching.protocols import Progress
from matching.vocabulary import Prompt


def embed_new(app: App, progress: Progress) -> int:
    """Embed every profile and thesis that is not in the cache yet; return how many texts there are."""
    knowledge = app.store.knowledge(None)
    profiles, theses = texts(knowledge)
    app.vectors.vectors(profiles, Prompt.QUERY, progress)
    app.vectors.vectors(theses, Prompt.PASSAGE, progress)
    return len(profiles) + len(theses)


def texts(knowledge: Knowledge) -> tuple[list[str], list[str]]:
    """List the distinct texts to embed: of profiles, and of thesis sentences."""
    profiles = {text for startup in knowledge.startups for text in startup.texts}
    theses = {sentence.text for fund in knowledge.funds for sentence in fund.sentences}
    return sorted(profiles), sorted(theses)
