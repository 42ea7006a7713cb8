"""Files in, tables out: a module for each family of formats."""
