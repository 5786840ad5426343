"""What a fund sees of a link, and its answer. The link is all it needs: no account, no cookie, no key.

Reading asks again and again, since mail scanners follow links; only an answer uses the link up.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from api.compose import App
from api.http.identity import anybody
from api.http.languages import Chosen
from api.http.problems import Problem, ProblemType
from api.http.questions import answered
from api.http.schemas import Strict
from api.http.strict import StrictRoute
from api.words import Words
from data.courses import find
from data.links import Link, find_link
from data.records import fields_of
from data.replies import Gone, answer_link, require_asked
from matching.errors import NotFound
from matching.replies import LONGEST_NOTE, REASONS, REPLIES, Answer, Question, Reply
from matching.vocabulary import Language, PassReason

router = APIRouter(
    prefix="/answers", tags=["answers"], route_class=StrictRoute, dependencies=[Depends(anybody)]
)


class ReasonOffered(BaseModel):
    """A reason that an answer may have."""

    code: PassReason
    text: str


class ReplyOffered(BaseModel):
    """Something that may be answered; with `no` goes one of its `reasons`."""

    answer: Reply
    text: str
    reasons: list[ReasonOffered]


class FundTold(BaseModel):
    """What a fund confirms."""

    thesis: str
    status: str
    monthly_capacity: int | None


class QuestionShown(BaseModel):
    """A question; `startup` stands with an introduction, `record` with a question about the fund itself."""

    question: Question
    text: str
    notice: str
    fund: str
    startup: str | None
    record: FundTold | None
    answers: list[ReplyOffered]
    expires_at: datetime


class AnswerBody(Strict):
    """An answer: one of those offered. `note` goes to whoever runs the introduction, not to the startup."""

    answer: Annotated[Reply, Field(strict=False)]
    reason: Annotated[PassReason, Field(strict=False)] | None = None
    note: Annotated[str, Field(max_length=LONGEST_NOTE)] = ""
    monthly_capacity: Annotated[int, Field(ge=0, le=999_999)] | None = None


class AnswerShown(BaseModel):
    """The answer that is recorded; `repeated` where it was so before."""

    answer: Reply
    reason: PassReason | None
    text: str
    repeated: bool


@router.get("/{token}", response_model=QuestionShown)
def read_question(request: Request, token: str, words: Chosen) -> Response:
    """Show what a link asks; however often, it is not used up."""
    app: App = request.app.state.app
    with _in_words(words):
        link = find_link(app.database, token, app.now)
        require_asked(app.database, link)
        return answered(_question(app, link, words), words)


@router.post("/{token}", response_model=AnswerShown)
def write_answer(request: Request, token: str, body: AnswerBody, words: Chosen) -> Response:
    """Answer, once. The same answer again is told to be recorded; another one is refused."""
    app: App = request.app.state.app
    told = Answer(
        reply=body.answer,
        reason=body.reason,
        note=body.note.strip(),
        monthly_capacity=body.monthly_capacity,
    )
    with _in_words(words):
        link, created = answer_link(app.database, token, told, now=app.now)
    given = link.answer or {}
    key, said = "taken" if created else "repeated", words.say("reply", body.answer)
    plain = {"answer": given["reply"], "reason": given["reason"], "repeated": not created}
    return answered({**plain, "text": words.say("link", key, answer=said)}, words)


@contextmanager
def _in_words(words: Words) -> Iterator[None]:
    """Say in the language of who follows the link why it does not work; which token is none is not told."""
    headers = {"Content-Language": words.language, "Vary": "Accept-Language"}
    try:
        yield
    except NotFound:
        text = words.say("link", "not_in_force")
        raise Problem(HTTPStatus.NOT_FOUND, ProblemType.NOT_FOUND, text, headers=headers) from None
    except Gone as gone:
        raise Problem(
            HTTPStatus.GONE, ProblemType.GONE, words.say("link", gone.why), headers=headers
        ) from None


def _question(app: App, link: Link, words: Words) -> dict[str, Any]:
    fund, _ = fields_of(app.database, "fund", link.fund_id)
    startup, record = None, None
    if link.introduction_id is None:
        record = _told(fund, words)
    else:
        course = find(app.database, link.introduction_id)
        startup = fields_of(app.database, "startup", course.startup_id)[0]["name"]
    return {
        "question": link.question,
        "text": words.say("link", link.question, fund=fund["name"], startup=startup),
        "notice": words.say("text", "ai_notice"),
        "fund": fund["name"],
        "startup": startup,
        "record": record,
        "answers": [_offered(reply, words) for reply in REPLIES[link.question]],
        "expires_at": link.expires_at,
    }


def _told(fund: dict[str, Any], words: Words) -> dict[str, Any]:
    theses = [fund["thesis"], fund["thesis_vi"]]
    if words.language is Language.VI:
        theses.reverse()
    return {
        "thesis": next(filter(None, theses), ""),
        "status": words.term(fund["status"]),
        "monthly_capacity": fund["monthly_capacity"],
    }


def _offered(reply: Reply, words: Words) -> dict[str, Any]:
    reasons = [{"code": code, "text": words.pass_reason(code)} for code in REASONS.get(reply, ())]
    return {"answer": reply, "text": words.say("reply", reply), "reasons": reasons}
