"""A network that operators of this server added: its row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from enhance.nets.network import Network
from project.jobs.models import Job

if TYPE_CHECKING:
    from project.inference.registry import ModelSpec
    from project.inference.weights import WeightsEntry

HOST_PREFIX = "operator-"


class EnhanceModelQuerySet(models.QuerySet["EnhanceModel"]):
    """What may be chosen, and by whom."""

    def checked(self) -> Self:
        """Those that a worker found usable."""
        return self.exclude(file="")

    def offered(self) -> Self:
        """Those that everybody may choose now: usable, enabled, and of a permitted licence."""
        found = self.checked().filter(enabled=True)
        return found if settings.ALLOW_NON_COMMERCIAL else found.filter(commercial=True)


class EnhanceModel(models.Model):
    """One network that an operator uploaded.

    It exists from the upload on; a worker checks the file (`job`), rewrites it as safetensors and
    fills in what it measured, together with the end of the job. Files never change: another file
    is another row.
    """

    class Kind(models.TextChoices):
        BACKGROUND = "background", _("Whole picture")

    class State(models.TextChoices):
        CHECKING = "checking", _("Being checked")
        REFUSED = "refused", _("Refused")
        DISABLED = "disabled", _("Disabled")
        READY = "present", _("Ready")

    name = models.SlugField(
        _("name"), max_length=60, unique=True, help_text=_("How people choose it.")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.BACKGROUND)
    licence = models.CharField(_("licence"), max_length=200, help_text=_("SPDX name, or in words."))
    commercial = models.BooleanField(
        _("commercial use allowed"), help_text=_("What the licence of the weights says.")
    )
    enabled = models.BooleanField(_("enabled"), default=True)
    upload = models.CharField(_("uploaded file"), max_length=255, blank=True, editable=False)
    file = models.CharField(_("storage key"), max_length=255, blank=True, editable=False)
    sha256 = models.CharField(_("sha256"), max_length=64, blank=True, editable=False)
    size_bytes = models.PositiveBigIntegerField(_("bytes"), default=0, editable=False)
    architecture = models.CharField(_("architecture"), max_length=60, blank=True, editable=False)
    scale = models.PositiveSmallIntegerField(_("scale"), default=0, editable=False)
    receptive_radius = models.PositiveIntegerField(
        _("receptive radius"),
        null=True,
        editable=False,
        help_text=_("Pixels; tiles with this border are exact. None: a ramp joins them."),
    )
    megaflop_per_pixel = models.FloatField(_("work"), default=0, editable=False)
    bytes_per_pixel = models.PositiveBigIntegerField(_("feature maps"), default=0, editable=False)
    bfloat16_psnr_db = models.FloatField(
        _("bfloat16 against float32"),
        null=True,
        editable=False,
        help_text=_("dB as measured; without it the network runs in float32."),
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False,
        verbose_name=_("uploaded by"), related_name="+",
    )  # fmt: skip
    job = models.OneToOneField(
        Job, models.SET_NULL, null=True, editable=False,
        verbose_name=_("check"), related_name="enhance_model",
    )  # fmt: skip
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = EnhanceModelQuerySet.as_manager()

    class Meta:
        verbose_name = _("network")
        verbose_name_plural = _("networks")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> State:
        """Derived from the file and from the job that checks it."""
        if self.file:
            return self.State.READY if self.enabled else self.State.DISABLED
        unfinished = self.job is not None and self.job.state in ("queued", "running")
        return self.State.CHECKING if unfinished else self.State.REFUSED

    @property
    def host_name(self) -> str:
        """What the model host calls it; other bytes under the same name are another model."""
        return f"{HOST_PREFIX}{self.name}-{self.sha256[:12]}"

    @property
    def network(self) -> Network:
        """As plans see it."""
        return Network(
            name=self.name,
            version=self.sha256[:12],
            scale=self.scale,
            megaflop_per_pixel=self.megaflop_per_pixel,
            bytes_per_pixel=self.bytes_per_pixel,
            exact_pad=self.receptive_radius,
            host_name=self.host_name,
        )

    def spec(self) -> ModelSpec:
        """As the model host sees it."""
        from project.inference.registry import ModelSpec, Precision

        measured = self.bfloat16_psnr_db
        return ModelSpec(
            name=self.host_name,
            version=self.sha256[:12],
            task="upscale",
            loader="enhance.nets.operator_net:load_model",
            weights=(self.host_name,),
            vram_estimate=self.size_bytes,
            precisions=() if measured is None else (Precision(dtype="bfloat16", psnr_db=measured),),
        )

    def weights(self) -> WeightsEntry:
        """As the weight store sees it: fetched from this platform's storage when a run asks."""
        from project.images.weight_source import StorageFile
        from project.inference.weights import PinnedFile, WeightsEntry

        file = PinnedFile(name="model.safetensors", sha256=self.sha256, size=self.size_bytes)
        return WeightsEntry(
            name=self.host_name,
            version="1",
            licence=self.licence,
            commercial=self.commercial,
            files=(file,),
            sources=(StorageFile(key=self.file),),
            licence_text=self.licence,
            on_demand=True,
        )
