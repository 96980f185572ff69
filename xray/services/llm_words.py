"""What to tell people about the codes of the language model, each with the next step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from xray.services.llm_status import SECRET_UNREADABLE, LlmStatus, State

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

EXPLANATIONS: dict[str, _StrPromise] = {
    "llm_unavailable": _(
        "The language model server could not be reached, or refused. The structured report is "
        "complete; an operator can run `manage.py xray_llm_check`."
    ),
    "llm_host_refused": _(
        "The language model server is not on the list of allowed hosts. An operator lists it in "
        "OMNILENS_XRAY_LLM_ALLOWED_HOSTS."
    ),
    "llm_model_missing": _(
        "The language model server does not have the model. An operator fetches it there, with "
        "`ollama pull` for Ollama."
    ),
    "llm_timeout": _(
        "The language model did not answer in time. The structured report is complete; try the "
        "text again later, or use a smaller model."
    ),
    "llm_answer_invalid": _(
        "The language model server broke off or did not keep to its protocol. The structured "
        "report is complete; an operator can run `manage.py xray_llm_check`."
    ),
    "llm_rejected": _(
        "The text of the language model did not agree with the figures, twice, and was not used. "
        "The structured report is complete."
    ),
    "llm_busy": _(
        "The language model server failed several times and is left alone for a minute. The "
        "structured report is complete; try the text again later."
    ),
    SECRET_UNREADABLE: _(
        "The stored secret of the language model server was sealed with another key. Enter it "
        "again in the admin."
    ),
}
_STATES: dict[State, _StrPromise] = {
    "off": _("Switched off"),
    "unknown": _("Not checked yet"),
    "available": _("Available"),
    "failing": _("Failing"),
}


def explain(code: str) -> str:
    """The translated sentence of a code of LlmError or LlmStatus; empty for an empty code."""
    return str(EXPLANATIONS[code]) if code else ""


def state_words(status: LlmStatus) -> str:
    """The state and, when it is failing, why."""
    words = str(_STATES[status.state])
    return f"{words}: {explain(status.code)}" if status.code else words
