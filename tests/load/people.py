"""Make 25 people with a token and 25 finished jobs each; prints them as JSON.

Run inside the loaded deployment: `manage.py shell` feeds this file to the interpreter.
"""

import json
import secrets

from django.utils import timezone

from accounts.models import User
from accounts.services.tokens import create_token
from project.jobs.models import Job, JobEvent

PEOPLE = 25
JOBS_EACH = 25

people = []
for number in range(PEOPLE):
    user = User.objects.create_user(
        username=f"reader{number}",
        email=f"reader{number}@example.org",
        password=secrets.token_urlsafe(),
    )
    created = create_token(
        owner=user, name="load", scopes=["jobs:read", "jobs:write", "images:read", "images:write"]
    )
    jobs = Job.objects.bulk_create(
        Job(
            owner=user,
            kind="enhance.photo",
            state="succeeded",
            progress=1,
            seq=3,
            attempt=1,
            finished_at=timezone.now(),
        )
        for _ in range(JOBS_EACH)
    )
    JobEvent.objects.bulk_create(
        JobEvent(job=job, seq=seq, name=name)
        for job in jobs
        for seq, name in enumerate(("queued", "started", "succeeded"), start=1)
    )
    people.append({"token": created.secret, "job": str(jobs[0].pk)})
print("PEOPLE " + json.dumps(people))
