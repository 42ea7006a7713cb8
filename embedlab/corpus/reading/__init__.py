"""Files in, tables out: one module a format."""
