"""A device that failed is not a size that did not fit, nor a fault in the code."""

from __future__ import annotations

import pytest
import torch

from project.inference.device_failure import is_device_failure
from project.inference.errors import ModelUnavailable

ILLEGAL = "CUDA error: an illegal memory access was encountered"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (torch.AcceleratorError(ILLEGAL), True),
        (RuntimeError(ILLEGAL), True),
        (RuntimeError("CUDA error: device-side assert triggered"), True),
        (RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"), True),
        (RuntimeError("CUDA error: CUBLAS_STATUS_INTERNAL_ERROR when calling cublasGemm"), True),
        (RuntimeError("CUDA error: out of memory"), False),
        (torch.cuda.OutOfMemoryError("CUDA out of memory"), False),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate"), False),
        (RuntimeError("cuDNN error: CUDNN_STATUS_NOT_SUPPORTED"), False),
        (RuntimeError("size mismatch, got 3, 4"), False),
        (ValueError(ILLEGAL), False),
    ],
)
def test_errors_are_told_apart(error, expected):
    assert is_device_failure(error) is expected


def test_a_failure_is_found_behind_the_error_that_was_raised_from_it():
    try:
        try:
            raise RuntimeError(ILLEGAL)
        except RuntimeError as error:
            raise ModelUnavailable("loading x") from error
    except ModelUnavailable as error:
        assert is_device_failure(error)


def test_a_circle_of_causes_ends():
    error = ValueError("a")
    error.__cause__ = error
    assert not is_device_failure(error)
