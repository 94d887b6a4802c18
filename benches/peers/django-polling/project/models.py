from django.db import models


class Board(models.Model):
    name = models.TextField()


class Event(models.Model):
    data = models.TextField()
