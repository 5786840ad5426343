from typing import Any

import pytest
from schemathesis import GenerationMode

from api.http.problems import ProblemType
from matching.roles import Role
from tests.api.http.fuzz import fuzz, operations
from tests.api.http.matrix import DOCS
from tests.api.http.service import Service

MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


def asked(service: Service, examples: int) -> int:
    """Ask every operation in both modes; return how many requests that were."""
    total = 0
    for operation in operations(service):
        for mode in MODES:
            total += fuzz(service, operation, mode, examples).total()
    return total


def test_a_few_generated_requests_are_answered_as_documented(service: Service) -> None:
    assert asked(service, 4) >= 150


@pytest.mark.acceptance
def test_thousands_of_generated_requests_are_answered_as_documented(service: Service) -> None:
    assert asked(service, 150) >= 5_000


def test_the_description_is_openapi_3_1_with_one_shape_of_errors(service: Service) -> None:
    told: dict[str, Any] = service.get(None, "/v1/openapi.json").json()
    assert told["openapi"].startswith("3.1")
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            for status, response in operation["responses"].items():
                kinds = set(response.get("content", {}))
                assert kinds == ({"application/problem+json"} if status >= "400" else kinds), (method, path)
    assert "HTTPValidationError" not in str(told)


def test_what_a_path_does_not_do_is_refused_with_what_it_does(service: Service) -> None:
    for path, methods in service.get(None, "/v1/openapi.json").json()["paths"].items():
        there = {method.upper() for method in methods}
        filled = path.format(
            startup_id="a",
            fund_id="b",
            introduction_id="c",
            number=1,
            release_id="d",
            job_id="e",
            token="f",
        )
        for method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} - there:
            answer = service(Role.ADMIN, method, filled)
            assert (answer.status_code, set(answer.headers["Allow"].split(", "))) == (405, there), (
                method,
                path,
            )


def test_every_problem_is_documented() -> None:
    assert [kind for kind in ProblemType if f"`/problems/{kind}`" not in DOCS] == []
