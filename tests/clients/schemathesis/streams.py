"""Follows the stream of the server at the first argument past the cursor in the second, up to as many events as there
are further arguments: their types. By the OpenAPI 3.2 document, each must be what `itemSchema` says, and the JSON in
its `data` what `contentSchema` says. With a session if its token is in TOKEN.

schemathesis fetches, parses (WHATWG HTML, 9.2) and validates.
"""

import os
import re
import sys

import schemathesis

DOCUMENT = "../../../openapi/openapi-3.2.json"
PATIENCE = 30.0


def main(url: str, cursor: str, *expected: str) -> None:
    config = {"base-url": url, "max-stream-events": len(expected), "request-timeout": PATIENCE}
    config = schemathesis.Config.from_dict(config)
    schema = schemathesis.openapi.from_path(DOCUMENT, config=config)
    # Is it a document at all? The schema of OpenAPI 3.2 is a part of schemathesis.
    schema.validate()
    operation = schema["/sse/notifications/"]["GET"]
    headers = {"Last-Event-ID": cursor}
    if token := os.environ.get("TOKEN"):
        headers["Authorization"] = f"Bearer {token}"
    answer = operation.Case(headers=headers).call()
    assert answer.status_code == 200, answer.text
    came = re.findall(r"^event: (.*)$", answer.text, re.MULTILINE)
    assert came == list(expected), came
    operation.validate_response(answer)
    print(f"{len(came)} events are what the document says")


main(*sys.argv[1:])
