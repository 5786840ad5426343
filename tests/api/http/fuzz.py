"""Generated requests, as the description of the service allows and forbids them, checked against it."""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks

from matching.roles import Role
from tests.api.http.service import JOB, RELEASE, Service

CHECKS: list[Any] = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.allow_header_conformance,
]
"""docs/decisions/0021-service.md names those left out."""
KNOWN = {
    "startup_id": "mine",
    "fund_id": "north",
    "introduction_id": "old-rival",
    "number": 2,
    "release_id": RELEASE,
    "job_id": JOB,
}
QUIET = [
    HealthCheck.too_slow,
    HealthCheck.filter_too_much,
    HealthCheck.data_too_large,
    HealthCheck.large_base_example,
]
"""The service is one for all examples: what one of them wrote, the next one meets."""


def operations(service: Service) -> Iterator[Any]:
    """Go through the operations of the service."""
    load_all_checks()
    schema = schemathesis.openapi.from_asgi("/v1/openapi.json", service.client.app)
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        yield found.ok()


def fuzz(service: Service, operation: Any, mode: GenerationMode, examples: int) -> Counter[int]:
    """Ask one operation with generated requests; count the answers by status."""
    statuses: Counter[int] = Counter()

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=QUIET,
        phases=[Phase.explicit, Phase.generate],
    )
    @given(
        case=operation.as_strategy(generation_mode=mode),
        role=st.sampled_from([Role.ADMIN, Role.ADMIN, *Role]),
        known=st.booleans(),
    )
    def ask(case: Any, role: Role, known: bool) -> None:
        if known:
            _aim(service, case)
        headers = {"Authorization": f"Bearer {service.keys[role]}"}
        answer = case.call_and_validate(headers=headers, checks=CHECKS)
        body = case.meta.components.get(ParameterLocation.BODY)
        assert answer.status_code >= 400 or body is None or body.mode is GenerationMode.POSITIVE, case.body
        statuses[answer.status_code] += 1

    with suppress(Unsatisfiable):  # what takes nothing cannot be given anything wrong
        ask()
    return statuses


def _aim(service: Service, case: Any) -> None:
    """Ask about a record that is there, with the tag that it has."""
    for name in case.path_parameters or ():
        case.path_parameters[name] = KNOWN.get(name) or service.link("/v1/funds/north")
    if case.method == "PUT" and case.path == "/v1/jobs/{job_id}":
        case.headers["If-None-Match"] = "*"
    body = case.meta.components.get(ParameterLocation.BODY)
    if case.path == "/v1/champion" and body is not None and body.mode is GenerationMode.POSITIVE:
        case.body["release_id"] = RELEASE
    tagged = set(case.path_parameters or ()) & {"startup_id", "fund_id"} or case.path == "/v1/champion"
    if case.method == "PUT" and tagged:
        read = service.get(Role.ADMIN, case.formatted_path)
        if "ETag" in read.headers:
            case.headers["If-Match"] = read.headers["ETag"]
