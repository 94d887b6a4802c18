"""Who schemathesis is to the server: users that it registers as it goes."""

import uuid

import requests
import schemathesis

PASSWORD = "correct horse"


def new_session(url: str) -> str:
    """Registers a user and logs in; returns the token."""
    credentials = {"username": f"prober-{uuid.uuid4().hex[:16]}", "password": PASSWORD}
    for path, status in [("users", 201), ("sessions", 201)]:
        answer = requests.post(f"{url}/api/v1/{path}", json=credentials, timeout=10)
        assert answer.status_code == status, answer.text
    return answer.json()["token"]


class Session:
    """The token of a session."""

    def get(self, case, context):
        return new_session(case.operation.base_url.rstrip("/"))

    def set(self, case, data, context):
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}


# What ends sessions has one of its own each time.
ENDS = ["logOut", "endSession", "changePassword"]


@schemathesis.auth(refresh_interval=None).apply_to(operation_id=ENDS)
class OwnSession(Session):
    pass


@schemathesis.auth(refresh_interval=100_000).skip_for(operation_id=ENDS)
class SharedSession(Session):
    pass
