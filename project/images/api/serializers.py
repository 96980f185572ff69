"""Pictures as JSON."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from project.images.formats import FORMATS
from project.images.models import ImageRecord
from project.images.renditions import Rendition
from project.images.signing import media_url


class MediaUrlsSerializer(serializers.Serializer[ImageRecord]):
    """Links that work for five minutes and for the owner only."""

    original = serializers.SerializerMethodField()
    display = serializers.SerializerMethodField()
    preview = serializers.SerializerMethodField()
    thumbnail = serializers.SerializerMethodField()

    def get_original(self, record: ImageRecord) -> str:
        """The stored file."""
        return media_url(record, Rendition.ORIGINAL)

    def get_display(self, record: ImageRecord) -> str:
        """Full size in a format that browsers show: the stored file, or a WEBP copy of it."""
        return media_url(record, Rendition.DISPLAY)

    def get_preview(self, record: ImageRecord) -> str:
        """WEBP within 1280 pixels."""
        return media_url(record, Rendition.PREVIEW)

    def get_thumbnail(self, record: ImageRecord) -> str:
        """WEBP within 320 pixels."""
        return media_url(record, Rendition.THUMBNAIL)


class ImageSerializer(serializers.ModelSerializer[ImageRecord]):
    """One stored picture of the caller."""

    media_type = serializers.SerializerMethodField()
    warnings = serializers.ListField(child=serializers.CharField(), read_only=True)
    urls = serializers.SerializerMethodField()

    class Meta:
        model = ImageRecord
        fields = (
            "id", "purpose", "format", "media_type", "width", "height", "bit_depth", "warnings",
            "size_bytes", "sha256", "original_name", "created_at", "expires_at", "urls",
        )  # fmt: skip
        read_only_fields = fields

    def get_media_type(self, record: ImageRecord) -> str:
        """For example `image/png`."""
        return FORMATS[record.format].media_type

    @extend_schema_field(MediaUrlsSerializer)
    def get_urls(self, record: ImageRecord) -> dict[str, str]:
        """Signed links to the renditions."""
        urls: dict[str, str] = MediaUrlsSerializer(record).data
        return urls
