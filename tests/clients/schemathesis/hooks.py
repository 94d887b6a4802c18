"""Who schemathesis is to the server: users that it registers as it goes."""

import uuid

import requests
import schemathesis

PASSWORD = "correct horse"


def new_session(url: str) -> str:
    """Registers a user and logs in; returns the token."""
    return log_in(url, f"prober-{uuid.uuid4().hex[:16]}", ["users", "sessions"])


def log_in(url: str, name: str, paths: list[str]) -> str:
    """Posts the credentials to these; returns the token that the last answers."""
    credentials = {"username": name, "password": PASSWORD}
    for path in paths:
        answer = requests.post(f"{url}/api/v1/{path}", json=credentials, timeout=10)
        assert answer.status_code == 201, answer.text
    return answer.json()["token"]


class Session:
    """The token of a session."""

    def get(self, case, context):
        return new_session(case.operation.base_url.rstrip("/"))

    def set(self, case, data, context):
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}


# What ends sessions has one of its own each time.
ENDS = ["logOut", "endSession", "changePassword"]
# What only the administrator may do whom the test has registered.
ADMINISTERS = [
    "listAccounts",
    "changeAccount",
    "endSessionsOfAccount",
    "setPasswordOfAccount",
    "deleteAccount",
    "getLogState",
    "trimLog",
    "listOpenStreams",
]


@schemathesis.auth(refresh_interval=None).apply_to(operation_id=ENDS)
class OwnSession(Session):
    pass


@schemathesis.auth(refresh_interval=100_000).apply_to(operation_id=ADMINISTERS)
class AdministratorSession(Session):
    def get(self, case, context):
        return log_in(case.operation.base_url.rstrip("/"), "administrator", ["sessions"])


@schemathesis.auth(refresh_interval=100_000).skip_for(operation_id=ENDS + ADMINISTERS)
class SharedSession(Session):
    pass
