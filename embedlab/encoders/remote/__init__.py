"""Encoders behind an address: what OpenAI, TEI, Ollama and others answer."""
