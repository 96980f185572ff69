"""Results on their way from the device to the host."""

from __future__ import annotations

from unittest import mock

import pytest
import torch

from project.inference.transfer import start_copy, to_host


def test_a_strided_result_arrives_packed_and_unchanged():
    result = torch.arange(24.0).reshape(2, 3, 4).permute(2, 0, 1)
    arrived = to_host(result)
    assert arrived.is_contiguous()
    assert torch.equal(arrived, result)


def test_a_result_of_a_gpu_is_not_handed_out_before_its_copy_has_ended():
    calls = mock.Mock()
    packed = mock.Mock(is_cuda=True, shape=(2,), dtype=torch.float32, device="cuda:0")
    strided = mock.Mock(contiguous=lambda: packed)
    with (
        mock.patch.object(torch, "empty", calls.empty),
        mock.patch.object(torch.cuda, "current_stream", calls.current_stream),
        mock.patch.object(torch.cuda, "Event", calls.Event),
    ):
        arrived = to_host(strided)
    assert arrived is calls.empty.return_value
    assert calls.mock_calls == [
        mock.call.empty((2,), dtype=torch.float32, pin_memory=True),
        mock.call.empty().copy_(packed, non_blocking=True),
        mock.call.Event(),
        mock.call.current_stream("cuda:0"),
        mock.call.Event().record(calls.current_stream.return_value),
        mock.call.Event().synchronize(),
    ]


def test_a_started_copy_waits_only_when_its_numbers_are_wanted():
    calls = mock.Mock()
    packed = mock.Mock(is_cuda=True, shape=(2,), dtype=torch.float32, device="cuda:0")
    with (
        mock.patch.object(torch, "empty", calls.empty),
        mock.patch.object(torch.cuda, "current_stream", calls.current_stream),
        mock.patch.object(torch.cuda, "Event", calls.Event),
    ):
        wait = start_copy(mock.Mock(contiguous=lambda: packed))
    assert not calls.Event.return_value.synchronize.called
    assert wait() is calls.empty.return_value
    assert calls.Event.return_value.synchronize.called


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_result_of_a_real_gpu_arrives_unchanged():
    result = torch.rand(3, 500, 400, device="cuda").permute(1, 2, 0)
    assert torch.equal(to_host(result), result.cpu())
