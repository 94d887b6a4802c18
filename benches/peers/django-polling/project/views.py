import asyncio
import time

from django.db import transaction
from django.db.models import Max
from django.http import HttpResponse, StreamingHttpResponse

from .models import Board, Event

POLL = 1  # seconds
KEEP_ALIVE = 15  # seconds


@transaction.atomic
def publish(request):
    # The signal saves the event, in this transaction.
    Board.objects.create(name=request.body.decode())
    return HttpResponse(status=204)


async def stream(last_id):
    yield ": open\n\n"
    written = time.monotonic()
    while True:
        frames = []
        async for event in Event.objects.filter(id__gt=last_id).order_by("id"):
            last_id = event.id
            frames.append(f"id: {event.id}\ndata: {event.data}\n\n")
        if not frames and time.monotonic() - written >= KEEP_ALIVE:
            frames.append(": keep-alive\n\n")
        if frames:
            yield "".join(frames)
            written = time.monotonic()
        await asyncio.sleep(POLL)


async def events(request):
    last_id = request.headers.get("Last-Event-ID", "")
    if last_id.isdecimal():
        last_id = int(last_id)
    else:
        last_id = (await Event.objects.aaggregate(Max("id")))["id__max"] or 0
    return StreamingHttpResponse(
        stream(last_id), content_type="text/event-stream", headers={"Cache-Control": "no-cache"}
    )
