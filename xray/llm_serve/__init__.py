"""A language model for those without Ollama: llama.cpp behind Ollama's protocol, on loopback."""
