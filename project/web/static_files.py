"""How static files are stored for serving: hashed, one stylesheet, compressed.

Names carry the hash of the content, so that browsers keep files for ever; imports between our
script modules are rewritten to those names. The components' stylesheets are also joined into one:
three dozen requests before the first paint would cost more than their bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.base import ContentFile
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

from project.web.stylesheets import BUNDLE, stylesheets

# Django's own rules for script modules, for our folder alone: they would read through megabytes
# of other people's bundles, which import nothing.
_MODULE_RULES = ManifestStaticFilesStorage._js_module_import_aggregation_patterns[1]  # type: ignore[attr-defined]  # private: not in the stubs
OUR_MODULES = (("js/*.js", _MODULE_RULES),)
LAPTOP_BYTES = 500_000


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """What `collectstatic` writes before the first page: gzip beside what pages of ours load."""

    patterns = (*ManifestStaticFilesStorage.patterns, *OUR_MODULES)
    keep_only_hashed_files = True
    use_brotli = False
    compress_up_to: int | None = LAPTOP_BYTES

    def post_process(self, paths: dict[str, Any], **options: Any) -> Iterator[Any]:
        """Join the stylesheets first, so that the joined one is hashed like the others."""
        if not options.get("dry_run"):
            paths = {**paths, BUNDLE: (self, BUNDLE)}
            self._join(paths)
        yield from super().post_process(paths, **options)

    def _join(self, paths: dict[str, Any]) -> None:
        parts = []
        for name in stylesheets():
            storage, path = paths[name]
            with storage.open(path) as opened:
                parts.append(opened.read())
        self.delete(BUNDLE)
        self.save(BUNDLE, ContentFile(b"\n".join(parts)))

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Without the large ones where a person waits for the first page."""
        limit = self.compress_up_to
        yield from super().compress_files(
            [p for p in paths if limit is None or Path(self.path(p)).stat().st_size <= limit]
        )

    def create_compressor(self, **options: Any) -> Compressor:
        """Gzip always, brotli where there is time."""
        return Compressor(use_brotli=self.use_brotli, **options)


class ReleasedStaticFilesStorage(HashedStaticFilesStorage):
    """The same for production, where a minute is spent once per release: all files, brotli too."""

    use_brotli = True
    compress_up_to = None
