"""Prints each event of a board once: python follow.py http://127.0.0.1:8000 7 (after `pip install httpx-sse`)."""

import random
import sys
import time

import httpx
from httpx_sse import SSEError, connect_sse

server, board = sys.argv[1:]
last = "0"  # After this event; 0 for all that are kept.
retry = 2.0

# The server sends something every 15 seconds: a connection that is silent for longer is dead.
with httpx.Client(timeout=httpx.Timeout(10, read=60)) as client:
    while True:
        url = f"{server}/sse/notifications/?board_id={board}"
        try:
            with connect_sse(client, "GET", url, headers={"Last-Event-ID": last}) as source:
                source.response.raise_for_status()
                for event in source.iter_sse():
                    last = event.id or last
                    retry = retry if event.retry is None else event.retry / 1000
                    if event.event == "reset":
                        print("events are missing:", event.data, file=sys.stderr)
                    elif event.event == "bye":
                        sys.exit("the session has ended")
                    elif event.event not in ("cursor", "message"):
                        print(event.id, event.event, event.data, flush=True)
        except httpx.HTTPStatusError as error:
            if error.response.status_code in (400, 401):
                raise
        except (httpx.TransportError, SSEError):
            pass
        time.sleep(retry * random.uniform(1, 2))
