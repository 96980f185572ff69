"""`manage.py llm_serve`: a model file behind Ollama's protocol, for those without Ollama."""

from __future__ import annotations

import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from project.periodic import stop_on_signals
from xray.llm_serve.engine import LOOPBACK, Engine, EngineError
from xray.llm_serve.shim import Shim

PORT = 11434
CONTEXT_TOKENS = 4096


class Command(BaseCommand):
    """Runs until it is stopped. Exit code 1: the model or the port cannot be had."""

    help = "Serve a GGUF model with llama.cpp under Ollama's protocol, on this machine only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The model, and where."""
        parser.add_argument("model", type=Path, help="a file in GGUF format")
        parser.add_argument("--name", default="", help="default: the file's name without .gguf")
        parser.add_argument("--port", type=int, default=PORT, help=f"default {PORT}; 0: any")
        parser.add_argument("--threads", type=int, default=1, help="of the processor, default 1")
        parser.add_argument("--context", type=int, default=CONTEXT_TOKENS, help="tokens")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, listen, wait."""
        del args
        model: Path = options["model"]
        try:
            engine = Engine(model, threads=options["threads"], context_tokens=options["context"])
            shim = Shim(
                (LOOPBACK, options["port"]),
                engine_url=engine.url,
                engine_key=engine.key,
                name=options["name"] or model.name.removesuffix(".gguf"),
                version=f"omnilens-{settings.VERSION}",
                context=options["context"],
            )
        except EngineError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"Port {options['port']}: {error.strerror}") from error
        stop = stop_on_signals()
        thread = threading.Thread(target=shim.serve_forever, daemon=True)
        thread.start()
        self.stdout.write(f"{shim.name} is served at {shim.url} (Ctrl-C ends it)")
        self.stdout.flush()
        stop.wait()
        shim.shutdown()
        shim.server_close()
