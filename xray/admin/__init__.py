"""The admin of this room: one module for each thing."""

from xray.admin.llm import LlmBackendAdmin

__all__ = ["LlmBackendAdmin"]
