"""llama.cpp's own server, from the optional package xllamacpp, in this process."""

from __future__ import annotations

import importlib
import secrets
from pathlib import Path
from typing import Any

LOOPBACK = "127.0.0.1"
_WARNINGS = 2
INSTALL = "pip install --require-hashes --no-deps -r requirements/llm.txt"


class EngineError(Exception):
    """It cannot start; the text says what to do."""


class Engine:
    """A model under an address of its own on loopback; it speaks `/v1/chat/completions`.

    Only with `key`: by itself it would answer any page of any browser on this machine. The model
    is in memory when the constructor returns. Raises EngineError.
    """

    def __init__(self, model: Path, *, threads: int, context_tokens: int) -> None:
        if not model.is_file():
            raise EngineError(f"There is no file {model}. Give a model in GGUF format.")
        library = _library()
        parameters: Any = library.CommonParams()
        parameters.model.path = str(model)
        parameters.n_ctx = context_tokens
        parameters.n_parallel = 1
        parameters.cpuparams.n_threads = threads
        parameters.cpuparams_batch.n_threads = threads
        parameters.hostnames = [LOOPBACK]
        parameters.port = 0
        parameters.warmup = False
        parameters.verbosity = _WARNINGS
        parameters.endpoint_slots = False  # it shows what others ask
        self.key = secrets.token_urlsafe(32)
        parameters.api_keys = [self.key]
        try:
            self._server = library.Server(parameters)
        except RuntimeError as error:
            raise EngineError(f"llama.cpp does not load {model.name}: {error}") from error
        address = str(self._server.listening_address)
        self.url = address if address.startswith("http") else f"http://{address}"


def _library() -> Any:
    try:
        return importlib.import_module("xllamacpp")
    except ImportError as error:
        raise EngineError(f"The package xllamacpp is not installed: {INSTALL}") from error
