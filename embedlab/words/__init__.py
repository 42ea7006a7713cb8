"""Words: analogies and lists, senses in sentences, the layers they go through."""
