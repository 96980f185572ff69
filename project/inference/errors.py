"""How a run can end early. Every error carries a stable `code`."""


class InferenceError(Exception):
    """Base of all; `detail` is for operators, users see the translated `code`."""

    code = "internal_error"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


class Cancelled(InferenceError):
    """The owner asked to stop; raised at the next checkpoint."""

    code = "cancelled"


class DeadlineExceeded(InferenceError):
    """The job's time is up; raised at the next checkpoint."""

    code = "deadline_exceeded"


class LeaseLost(InferenceError):
    """Another worker owns this job now: stop, write nothing."""

    code = "lease_lost"


class Draining(InferenceError):
    """This worker is stopping: give the job back to the queue."""

    code = "draining"


class OutOfMemory(InferenceError):
    """The smallest size of the ladder did not fit; `detail` names the sizes tried."""

    code = "out_of_memory"


class ModelUnavailable(InferenceError):
    """Weights are missing, refused or broken; `detail` names the model and the remedy."""

    code = "model_unavailable"


class QueueFull(InferenceError):
    """Too many items wait for this model; may be tried again."""

    code = "queue_full"


class Superseded(InferenceError):
    """A newer frame of the same source came before this one ran."""

    code = "superseded"


class ModelInUse(InferenceError):
    """A model cannot be dropped while runs use it; may be tried again."""

    code = "model_in_use"


class InvalidInput(InferenceError):
    """The stored input cannot be processed (for example a file that no longer decodes)."""

    code = "invalid_input"


class InvalidOutput(InferenceError):
    """The network returned NaN or nothing even in fp32."""

    code = "invalid_output"


class WeightsRefused(ModelUnavailable):
    """Weights have the wrong hash, an unsafe path or a licence nobody accepted."""


class SourceUnavailable(ModelUnavailable):
    """One source of weights cannot deliver; the next one is tried."""


class DeviceUnavailable(InferenceError):
    """The configured device does not exist on this machine."""

    code = "device_unavailable"
