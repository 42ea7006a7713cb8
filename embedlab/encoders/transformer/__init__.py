"""Transformers from folders and hubs: loading, converting, running, looking inside."""
