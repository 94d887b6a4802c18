import django_eventstream
from django.http import HttpResponse
from django.urls import include, path
from django_eventstream import send_event


def publish(request):
    # As it is; otherwise it were a JSON string.
    send_event("events", "message", request.body.decode(), json_encode=False)
    return HttpResponse(status=204)


urlpatterns = [
    path("publish", publish),
    path("events/", include(django_eventstream.urls), {"channels": ["events"]}),
]
