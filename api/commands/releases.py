"""`ketnoi releases`."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from api.commands.output import console, opened, print_columns, print_json, words
from api.words import Words
from data.releases import Decision, Release
from matching.vocabulary import ReleaseStatus
from models.artefact import Artefact

MAIN_FIGURES = 3
"""Figures of a release that the list shows, the first ones of its backtest."""


def show_all(*, language: str | None, as_json: bool) -> None:
    """Print a line a release, newest first."""
    with opened() as app:
        known, chosen = app.releases.list(), words(app, language)
    if as_json:
        print_json([_plain(release) for release in known])
    elif known:
        print_columns([_head(chosen), *(_row(release, chosen) for release in known)])
    else:
        console().print(chosen.say("release", "none"))


def show(release_id: str, *, language: str | None, as_json: bool) -> None:
    """Print all that is known of a release whose artefact is as it was registered."""
    with opened() as app:
        stored, chosen = app.releases.read(release_id), words(app, language)
        decisions = app.releases.history(release_id)
    size = len(stored.artefact)
    if as_json:
        history = [_plain(decision) for decision in decisions]
        print_json({**_plain(stored.release), "bytes": size, "history": history})
    else:
        _print_release(stored.release, size, decisions, chosen)


def promote(release_id: str, reason: str, *, language: str | None, as_json: bool) -> None:
    """Make a release champion that this version can read."""
    with opened() as app:
        stored, chosen = app.releases.read(release_id), words(app, language)
        Artefact.from_bytes(stored.artefact)
        release = app.releases.promote(release_id, reason, app.now)
    already = stored.release.status is ReleaseStatus.CHAMPION
    if as_json:
        print_json(_plain(release))
    else:
        key = "promoted_already" if already else "promoted"
        console().print(chosen.say("release", key, release=release_id), markup=False, soft_wrap=True)


def rollback(reason: str, *, language: str | None, as_json: bool) -> None:
    """Go back to the champion before, or to the prior where there was none."""
    with opened() as app:
        release, chosen = app.releases.rollback(reason, app.now), words(app, language)
    if as_json:
        print_json({"champion": _plain(release) if release else None})
    else:
        key = "rolled_back" if release else "rolled_back_to_prior"
        said = chosen.say("release", key, release=release.release_id if release else "")
        console().print(said, markup=False, soft_wrap=True)


def _plain(told: Release | Decision) -> dict[str, Any]:
    """Turn a record into what JSON can say, times in ISO 8601."""
    plain = asdict(told)
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in plain.items()}


def _head(chosen: Words) -> tuple[str, ...]:
    keys = ("release_id", "status", "created_at", "data_until", "kind", "data", "figures")
    return tuple(chosen.say("release", key) for key in keys)


def _row(release: Release, chosen: Words) -> tuple[str, ...]:
    figures = [f"{name} {said}" for name, said in _figures(release, chosen)[:MAIN_FIGURES]]
    return (
        release.release_id,
        chosen.say("release_status", release.status),
        chosen.day(release.created_at),
        chosen.day(release.data_until),
        release.kind,
        chosen.say("release", "synthetic" if release.synthetic else "real"),
        ", ".join(figures) or chosen.say("release", "no_figure"),
    )


def _print_release(release: Release, size: int, decisions: tuple[Decision, ...], chosen: Words) -> None:
    facts = list(zip(_head(chosen), _row(release, chosen), strict=True))[:-1]
    facts.append((chosen.say("release", "checksum"), release.checksum))
    facts.append((chosen.say("release", "size"), chosen.number(size, 0)))
    if release.status is ReleaseStatus.CHAMPION:
        facts.append((chosen.say("release", "promoted_at"), chosen.day(release.promoted_at)))
    print_columns(facts)
    settings = [(name, json.dumps(value, ensure_ascii=False)) for name, value in _flat(release.settings)]
    for key, told in (("figures", _figures(release, chosen)), ("settings", settings)):
        console().print(f"\n{chosen.say('release', key)}")
        print_columns(told or [(chosen.say("release", "no_figure"),)])
    if decisions:
        console().print(f"\n{chosen.say('release', 'history')}")
        print_columns([(chosen.day(d.at), chosen.say("release_event", d.event), d.reason) for d in decisions])


def _figures(release: Release, chosen: Words) -> list[tuple[str, str]]:
    """Name and say each figure of the backtest; one that is not known is said to be none."""
    figures = ((name, math.nan if value is None else value) for name, value in _flat(release.metrics))
    return [
        (name, chosen.number(value) if isinstance(value, float) else str(value)) for name, value in figures
    ]


def _flat(told: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Name each value, those of nested mappings by their path."""
    for key, value in told.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value
