"""Files that are sent to be imported: streamed to disk, and only under the names of the import contract."""

from asyncio import timeout
from collections.abc import AsyncGenerator, AsyncIterator
from http import HTTPStatus
from pathlib import Path
from shutil import copyfileobj
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from api.http.problems import Broken, Problem, ProblemType, invalid
from data.contract import FILES
from data.formats.files import Format

FIELD = "files"
SECONDS = 300.0
"""How long the files may take to come."""
NAMES = frozenset(f"{contract.name}.{format_}" for contract in FILES for format_ in Format)
RULE = f"be one of {', '.join(contract.name for contract in FILES)}, with .csv, .xlsx or .jsonl"
BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": [FIELD],
                "properties": {
                    FIELD: {
                        "type": "array",
                        "minItems": 1,
                        "items": {"type": "string", "contentMediaType": "application/octet-stream"},
                        "description": f"Files, each with its name, which must {RULE}.",
                    }
                },
            }
        }
    },
}
"""How the body is described: it is read here and not by the framework, once the asker is known."""


class _Parser(MultiPartParser):
    """Also refuses a body without its end: what was cut off would be taken for all there is."""

    ended = False

    def on_end(self) -> None:
        self.ended = True

    async def to_the_end(self, stream: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
        async for chunk in stream:
            yield chunk
        if not self.ended:
            raise MultiPartException("it has no end")


async def _uploads(request: Request) -> AsyncIterator[list[UploadFile]]:
    form = await _form(request)
    try:
        yield _checked(form)
    finally:
        await form.close()


Uploads = Annotated[list[UploadFile], Depends(_uploads)]
"""The files of a body, to be asked for behind the asker: what nobody may send is not read."""


async def _form(request: Request) -> FormData:
    """Read the parts of the body, each file into a temporary one."""
    kind = request.headers.get("Content-Type", "")
    if kind.partition(";")[0].strip().lower() != "multipart/form-data":
        raise invalid([Broken("Content-Type", "be multipart/form-data", kind)])
    parser = _Parser(request.headers, request.stream(), max_files=len(NAMES), max_fields=0)
    parser.stream = parser.to_the_end(parser.stream)
    try:
        async with timeout(SECONDS):
            return await parser.parse()
    except TimeoutError:
        raise HTTPException(HTTPStatus.REQUEST_TIMEOUT) from None
    except MultiPartException as error:
        raise _malformed(error.message) from None
    except ClientDisconnect:
        raise _malformed("it was cut off") from None


def _malformed(why: str) -> Problem:
    detail = f"The body is no multipart/form-data that can be taken: {why.rstrip('.')}."
    return Problem(HTTPStatus.BAD_REQUEST, ProblemType.MALFORMED, detail)


def _checked(form: FormData) -> list[UploadFile]:
    """Take the files of names that are known, each once."""
    found: dict[str, UploadFile] = {}
    for field, upload in form.multi_items():
        name = getattr(upload, "filename", None) or ""
        if field != FIELD or not isinstance(upload, UploadFile):
            raise invalid([Broken(field, f"be called {FIELD} and be a file", name)])
        if name not in NAMES:
            raise invalid([Broken("filename", RULE, name)])
        if name in found:
            raise invalid([Broken("filename", "be the name of one file alone", name)])
        found[name] = upload
    if not found:
        raise invalid([Broken(FIELD, "hold at least one file", "")])
    return list(found.values())


def save(uploads: list[UploadFile], folder: Path) -> None:
    """Write files under their names, which are known ones, into a folder."""
    for upload in uploads:
        assert upload.filename in NAMES
        with (folder / upload.filename).open("xb") as file:
            copyfileobj(upload.file, file)
