"""The content items that both templates of the structured report share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from highdicom.sr import (
    CodedConcept,
    DeviceObserverIdentifyingAttributes,
    LanguageOfContentItemAndDescendants,
    ObservationContext,
    ObserverContext,
    RelationshipTypeValues,
    TextContentItem,
)
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

from xray.exports import uids
from xray.exports.dicom_header import MANUFACTURER
from xray.exports.words import edit_lines, language_of, metric_word, plain_line, review_line, word
from xray.labels import Code
from xray.reports.envelope import Envelope, digest
from xray.reports.phrases import figure, heading


def context(envelope: Envelope) -> ObservationContext:
    """The classifier as the device that observed."""
    model = envelope["model"]
    return ObservationContext(
        observer_device_context=ObserverContext(
            observer_type=codes.DCM.Device,
            observer_identifying_attributes=DeviceObserverIdentifyingAttributes(
                uid=uids.of_model(envelope),
                name=model["name"],
                manufacturer_name=MANUFACTURER,
                model_name=f"{model['name']} {model['version']}",
                serial_number=model["sha256"],
            ),
        )
    )


def comments(envelope: Envelope) -> Iterator[Dataset]:
    """What a reader must know beside the figures: it stands at the root of either template."""
    language, model = language_of(envelope), envelope["model"]
    metrics = ", ".join(
        f"{metric_word(name, language)} {figure(value)}" for name, value in model["metrics"].items()
    )
    told = [
        f"{word('banner', language)}. {envelope['disclaimer']}",
        f"{heading('model', language)}: {model['name']} {model['version']}, sha256"
        f" {model['sha256']}. {word('trained_on', language)}: {model['trained_on']}. {metrics}",
        f"{heading('review', language)}: {review_line(envelope)}",
        *edit_lines(envelope),
        f"{word('digest', language)}: {digest(envelope)}",
    ]
    for text in told:
        yield text_item(codes.DCM.Comment, plain_line(text))


def language(envelope: Envelope) -> LanguageOfContentItemAndDescendants:
    """That of the report's texts; meanings of codes stay English."""
    is_english = language_of(envelope) == "en"
    return LanguageOfContentItemAndDescendants(
        CodedConcept("en", "RFC5646", "English")
        if is_english
        else CodedConcept("zh-Hans", "RFC5646", "Chinese (Simplified)")
    )


def text_item(name: Any, text: str) -> Dataset:
    """One text below a container."""
    item: Dataset = TextContentItem(
        name=name, value=text, relationship_type=RelationshipTypeValues.CONTAINS
    )
    return item


def concept(code: Code) -> CodedConcept:
    """A code of the label table as DICOM writes it."""
    return CodedConcept(code.value, code.system, code.meaning)
