"""A client that openapi-python-client generates."""

import sys

from generated.api.boards import create_board, replace_board
from generated.api.events import follow_events, list_events
from generated.api.sessions import log_in
from generated.api.users import register
from generated.client import AuthenticatedClient, Client
from generated.models import (
    EventPage,
    NewBoard,
    NewBoardEvent,
    NewSession,
    NewUser,
    OtherEvent,
    Problem,
    ProblemCode,
    Session,
)


def main(url: str) -> None:
    guest = Client(base_url=url)
    credentials = {"username": "pythia", "password": "correct horse"}
    registered = register.sync_detailed(client=guest, body=NewUser(**credentials))
    assert registered.status_code == 201, registered
    session = log_in.sync(client=guest, body=NewSession(**credentials))
    assert isinstance(session, Session), session
    client = AuthenticatedClient(base_url=url, token=session.token)

    board = NewBoard(name="by openapi-python-client", rows=3, cols=3, dots=[])
    created = create_board.sync_detailed(client=client, body=board)
    assert created.status_code == 201, created
    stale = replace_board.sync_detailed(
        created.parsed.id, client=client, body=board, if_match='"77"'
    )
    assert stale.status_code == 412, stale
    assert isinstance(stale.parsed, Problem), stale
    assert stale.parsed.code is ProblemCode.STALE_VERSION, stale

    page = list_events.sync(client=guest, after=0)
    assert isinstance(page, EventPage), page
    foreign, made = page.items
    assert isinstance(foreign, OtherEvent), foreign
    assert isinstance(made, NewBoardEvent), made
    assert made.data.creator_username == "pythia", made

    # Its own function reads an answer to the end, which a stream does not have. What it asks for is right.
    request = follow_events._get_kwargs(last_event_id=0)
    with guest.get_httpx_client().stream(**request) as stream:
        assert stream.status_code == 200, stream
        assert "event: newBoard" in stream.iter_lines()
    print("done")


main(sys.argv[1])
