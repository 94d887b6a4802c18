"""Makes the database of a Django project, and runs the project under uvicorn, with one worker, until SIGTERM.

run_asgi.py PORT MODULE:APPLICATION
"""

import sys

import django
import uvicorn
import uvloop
from asgiref.sync import ThreadSensitiveContext
from django.core.management import call_command
from django.db import connections


async def main(port: int, application: str) -> None:
    config = uvicorn.Config(
        application,
        host="127.0.0.1",
        port=port,
        # As many as come while a burst of streams opens; the kernel cuts it to its own limit.
        backlog=16384,
        lifespan="off",
        access_log=False,
        log_level="warning",
        # Whoever publishes keeps the connection; the default is 5 s.
        timeout_keep_alive=3600,
        # Streams never end on their own.
        timeout_graceful_shutdown=1,
    )
    # Django runs what is not async, database queries above all, in a thread for each request, unless it
    # finds itself in such a context already. A stream is a request that does not end: its thread would
    # stay, and its connection to SQLite with two descriptors. 10,000 of them do not fit into a process.
    async with ThreadSensitiveContext():
        await uvicorn.Server(config).serve()


if __name__ == "__main__":
    django.setup()
    # Here, so that there is one process to stop at any time.
    call_command("migrate", run_syncdb=True, verbosity=0)
    connections.close_all()
    # The loop that uvicorn's own command would choose.
    uvloop.run(main(int(sys.argv[1]), sys.argv[2]))
