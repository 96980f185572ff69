"""Rows for tests."""

import factory
from django.utils import timezone

from accounts.models import Role, User
from project.images.models import ImageRecord
from project.jobs.models import Job

PASSWORD = "correct-horse-battery"


class UserFactory(factory.django.DjangoModelFactory):
    """A plain user with the password PASSWORD."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.org")
    password = factory.django.Password(PASSWORD)

    @factory.post_generation
    def role(self, create, extracted, **kwargs):
        if extracted:
            self.roles.add(
                Role.objects.get_or_create(code=extracted, defaults={"name": extracted})[0]
            )


class ImageFactory(factory.django.DjangoModelFactory):
    """A record without a file behind it; save one where a test reads it."""

    class Meta:
        model = ImageRecord

    owner = factory.SubFactory(UserFactory)
    purpose = ImageRecord.Purpose.UPLOAD
    file = factory.Sequence(lambda n: f"uploads/test/{n}.png")
    sha256 = factory.Sequence(lambda n: f"{n:064x}")
    size_bytes = 100
    format = "PNG"
    width = 8
    height = 8


class JobFactory(factory.django.DjangoModelFactory):
    """A queued job row; states that the constraints bind get their fields."""

    class Meta:
        model = Job

    owner = factory.SubFactory(UserFactory)
    kind = "test.echo"

    class Params:
        finished = factory.Trait(
            state="succeeded", finished_at=factory.LazyFunction(timezone.now), progress=1.0
        )
