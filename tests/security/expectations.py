"""What each route answers to anonymous, stranger, operator, administrator, owner.

One letter per role, in the order of world.ROLES:
  L  asked to sign in: 401 from the API, a redirect to the sign-in page elsewhere
  H  404: to this caller the object does not exist
  F  403: visible, but not to be done
  A  reached: the answer depends on the input alone
  N  the admin's own rules apply; anything but a server error or a picture
"""

from __future__ import annotations

PUBLIC = "AAAAA"
SIGNED_IN = "LAAAA"
OWNED = "LHHHA"
OPERATORS = "LHAAH"
ADMINISTRATORS = "LFFAF"
OWN_ACCOUNT = "LHHAA"  # the account itself and administrators

ROUTES: dict[str, dict[str, str]] = {
    # pages of the shell
    "": {"GET": PUBLIC},
    "history": {"GET": SIGNED_IN},
    "jobs/<uuid:job_id>": {"GET": OWNED},
    "jobs/<uuid:job_id>/cancel": {"POST": OWNED},
    "jobs/<uuid:job_id>/retry": {"POST": OWNED},
    "jobs/<uuid:job_id>/favourite": {"POST": OWNED},
    "docs": {"GET": PUBLIC},
    "docs/errors": {"GET": PUBLIC},
    "redoc": {"GET": PUBLIC},
    "health": {"GET": PUBLIC},
    "health/ready": {"GET": PUBLIC},
    "healthz": {"GET": PUBLIC},
    "readyz": {"GET": PUBLIC},
    "metrics": {"GET": PUBLIC},  # to this machine; others: test_metrics.py
    "i18n/setlang": {"POST": PUBLIC},
    "theme": {"POST": PUBLIC},
    "styleguide": {"GET": OPERATORS},
    # the operators' page: facts without owner or picture, and what operators may do
    "operator": {"GET": OPERATORS},
    "operator/live": {"GET": OPERATORS},
    "operator/jobs/<uuid:job_id>/cancel": {"POST": OPERATORS},
    "operator/jobs/<uuid:job_id>/requeue": {"POST": OPERATORS},
    "operator/workers/<int:worker_id>/order": {"POST": OPERATORS},
    "i18n/catalog.js": {"GET": PUBLIC},
    "api/schema": {"GET": PUBLIC},
    # media: even the invitation to sign in would say that the link is genuine
    "media/<str:signed>": {"GET": "HHHHA"},
    # accounts, pages
    "accounts": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "accounts/sign-in": {"GET": PUBLIC, "POST": PUBLIC},
    "accounts/sign-out": {"POST": "LLLLL"},
    "accounts/register": {"GET": PUBLIC, "POST": PUBLIC},
    "accounts/password": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "accounts/password/reset": {"GET": PUBLIC, "POST": PUBLIC},
    "accounts/password/reset/sent": {"GET": PUBLIC},
    # the sample link is not genuine, so it does not exist
    "accounts/password/reset/<str:uid>/<str:token>": {"GET": "HHHHH", "POST": "HHHHH"},
    "accounts/tokens": {"POST": SIGNED_IN},
    "accounts/tokens/<int:pk>/revoke": {"POST": OWNED},
    "accounts/sessions/end-others": {"POST": SIGNED_IN},
    "accounts/sessions/<uuid:handle>/end": {"POST": OWNED},
    "accounts/export": {"POST": SIGNED_IN},
    "accounts/erase": {"POST": SIGNED_IN},
    "accounts/receipts/<uuid:pk>": {"GET": PUBLIC},  # the number is the secret
    # accounts, API
    "api/v1/auth/login": {"POST": PUBLIC},
    "api/v1/auth/register": {"POST": PUBLIC},
    "api/v1/auth/refresh": {"POST": PUBLIC},
    "api/v1/auth/logout": {"POST": "LLLLL"},  # asks for a token; a session ends at sign-out
    "api/v1/users": {"GET": ADMINISTRATORS, "POST": ADMINISTRATORS},
    "api/v1/users/info": {"GET": SIGNED_IN, "PATCH": SIGNED_IN},
    "api/v1/users/<int:pk>": {"GET": OWN_ACCOUNT, "PATCH": OWN_ACCOUNT, "DELETE": "LHHAF"},
    "api/v1/users/<int:pk>/roles": {"GET": ADMINISTRATORS, "PUT": ADMINISTRATORS},
    "api/v1/roles": {"GET": SIGNED_IN, "POST": ADMINISTRATORS},
    "api/v1/roles/<int:pk>": {"GET": SIGNED_IN, "PATCH": ADMINISTRATORS, "DELETE": ADMINISTRATORS},
    "api/v1/tokens": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "api/v1/tokens/<int:pk>": {"GET": OWNED, "DELETE": OWNED},
    "api/v1/privacy/export": {"POST": SIGNED_IN},
    "api/v1/privacy/erase": {"POST": SIGNED_IN},
    # images, jobs, feed
    "api/v1/images": {"GET": SIGNED_IN},
    "api/v1/images/<uuid:pk>": {"GET": OWNED, "DELETE": OWNED},
    "api/v1/jobs": {"GET": SIGNED_IN},
    "api/v1/jobs/<uuid:pk>": {"GET": OWNED},
    "api/v1/jobs/<uuid:pk>/events": {"GET": OWNED},
    "api/v1/jobs/<uuid:pk>/preview": {"GET": OWNED},
    "api/v1/jobs/<uuid:pk>/cancel": {"POST": OWNED},
    "api/v1/jobs/<uuid:pk>/retry": {"POST": OWNED},
    "api/v1/jobs/<uuid:pk>/favourite": {"PUT": OWNED, "DELETE": OWNED},
    "api/v1/jobs/<uuid:pk>/callback": {"GET": OWNED, "PUT": OWNED, "DELETE": OWNED},
    "api/v1/jobs/stream": {"GET": SIGNED_IN},
    "api/v1/ws-tickets": {"POST": SIGNED_IN},
    # webhooks
    "webhooks": {"GET": SIGNED_IN},
    "webhooks/secret": {"POST": SIGNED_IN},
    "webhooks/deliveries/<uuid:delivery_id>/resend": {"POST": OWNED},
    "api/v1/webhooks/deliveries": {"GET": SIGNED_IN},
    "api/v1/webhooks/deliveries/<uuid:pk>": {"GET": OWNED},
    "api/v1/webhooks/deliveries/<uuid:pk>/resend": {"POST": OWNED},
    "api/v1/webhooks/secret": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    # enhance
    "enhance": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "enhance/<uuid:task_id>": {"GET": OWNED},
    "enhance/<uuid:task_id>/card": {"GET": OWNED},
    "enhance/<uuid:task_id>/faces": {"POST": OWNED},
    "enhance/<uuid:task_id>/cancel": {"POST": OWNED},
    "enhance/<uuid:task_id>/retry": {"POST": OWNED},
    "enhance/<uuid:task_id>/delete": {"POST": OWNED},
    "enhance/presets": {"POST": SIGNED_IN},
    "enhance/presets/<uuid:preset_id>/delete": {"POST": OWNED},
    # x-ray, pages
    "xray": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "xray/<uuid:study_id>": {"GET": OWNED},
    "xray/<uuid:study_id>/row": {"GET": OWNED},
    "xray/<uuid:study_id>/compare/<uuid:prior_id>": {"GET": OWNED},
    **{
        f"xray/<uuid:study_id>/{verb}": {"POST": OWNED}
        for verb in ("correct", "report", "review", "delete")
    },
    **{
        f"api/v1/xray/studies/<uuid:study_id>/{name}": {"GET": OWNED}
        for name in (
            "report.json",
            "report.pdf",
            "report.fhir.json",
            "report.sr.dcm",
            "report.sc.dcm",
            "heatmap/<slug:label>.png",
        )
    },
    # X-ray, API; the original service had /upload at the top
    "upload": {"POST": SIGNED_IN},
    "api/v1/xray/studies": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "api/v1/xray/studies/<uuid:study_id>": {"GET": OWNED, "DELETE": OWNED},
    **{
        f"api/v1/xray/studies/<uuid:study_id>/{name}": {method: OWNED}
        for name, method in (
            ("correct", "POST"),
            ("result", "GET"),
            ("regenerate", "POST"),
            ("review", "POST"),
            ("audit", "GET"),
            ("compare/<uuid:prior_id>", "GET"),
        )
    },
    "api/v1/xray/models": {"GET": SIGNED_IN},
    "api/v1/xray/models/<int:version_id>/activate": {"POST": ADMINISTRATORS},
    "api/v1/xray/llm": {"GET": ADMINISTRATORS, "PUT": ADMINISTRATORS},
    "api/v1/enhance/presets": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "api/v1/enhance/presets/<uuid:preset_id>": {"GET": OWNED, "PUT": OWNED, "DELETE": OWNED},
    "enhance/batches/<uuid:batch_id>": {"GET": OWNED},
    "enhance/batches/<uuid:batch_id>/summary": {"GET": OWNED},
    "enhance/batches/<uuid:batch_id>/cancel": {"POST": OWNED},
    "enhance/batches/<uuid:batch_id>/retry": {"POST": OWNED},
    "enhance/batches/<uuid:batch_id>/delete": {"POST": OWNED},
    "api/v1/enhance/batch": {"POST": SIGNED_IN},
    "api/v1/batch/status/<uuid:batch_task_id>": {"GET": OWNED},
    "api/v1/batch/download/<uuid:batch_task_id>": {"GET": OWNED},
    "api/v1/batch/<uuid:batch_task_id>": {"DELETE": OWNED},
    "api/v1/batch/<uuid:batch_task_id>/files": {"POST": OWNED},
    "api/v1/batch/<uuid:batch_task_id>/close": {"POST": OWNED},
    "api/v1/batch/<uuid:batch_task_id>/cancel": {"POST": OWNED},
    "api/v1/batch/<uuid:batch_task_id>/retry": {"POST": OWNED},
    "api/v1/enhance": {"POST": SIGNED_IN},
    "api/v1/enhance/estimate": {"POST": SIGNED_IN},
    "api/v1/enhance/models": {"GET": SIGNED_IN, "POST": ADMINISTRATORS},
    "api/v1/enhance/models/<int:pk>": {"PATCH": "LHHAH", "DELETE": "LHHAH"},
    "api/v1/enhance/faces": {"POST": SIGNED_IN},
    "api/v1/enhance/faces/<uuid:preview_id>": {"GET": OWNED},
    "api/v1/enhance/<uuid:task_id>/faces": {"PATCH": OWNED},
    "api/v1/status/<uuid:task_id>": {"GET": OWNED},
    "api/v1/download/<uuid:task_id>": {"GET": OWNED},
    "api/v1/tasks": {"GET": SIGNED_IN},
    "api/v1/tasks/<uuid:task_id>": {"DELETE": OWNED},
    "api/v1/tasks/<uuid:task_id>/cancel": {"POST": OWNED},
    "api/v1/tasks/<uuid:task_id>/retry": {"POST": OWNED},
}

# Django's admin brings its own routes: the doors are ours, the rooms are its.
ADMIN_PREFIX = "admin/"
ADMIN_PAGE = "LHNNH"
ADMIN_DOORS = {"admin/login": "LHAAH"}
