"""`ketnoi override`."""

from api.commands.asking import find_fund, find_startup
from api.commands.output import console, opened, print_json
from data.overrides import decide
from matching.errors import BadValue
from matching.records import Override
from matching.vocabulary import OVERRIDABLE, Gate


def run(startup_id: str, fund_id: str, gate: str, reason: str, *, undo: bool, as_json: bool) -> None:
    """Record that a gate shall not keep a fund off a startup's list, or shall again."""
    if gate not in set(Gate):
        raise BadValue(f"one of {', '.join(sorted(OVERRIDABLE))}", gate, "GATE")
    with opened() as app:
        knowledge = app.store.knowledge(None)
        override = Override(
            startup_id=find_startup(knowledge, startup_id).startup_id,
            fund_id=find_fund(knowledge, fund_id).fund_id,
            gate=Gate(gate),
            reason=reason,
            decided_on=app.now.date(),
        )
        decide(app.database, override, lifts=not undo)
    if as_json:
        pair = {"startup_id": startup_id, "fund_id": fund_id, "gate": gate}
        print_json({**pair, "lifted": not undo, "decided_on": override.decided_on.isoformat()})
    else:
        verb = "holds again" if undo else "is lifted"
        console().print(f"{gate} {verb} for {startup_id} and {fund_id}", markup=False, soft_wrap=True)
