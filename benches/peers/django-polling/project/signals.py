from django.db.models.signals import post_save
from django.dispatch import receiver

from .models import Board, Event


@receiver(post_save, sender=Board)
def announce(instance, created, **_):
    if created:
        Event.objects.create(data=instance.name)
