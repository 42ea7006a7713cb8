"""How models of the same texts differ, and by how much more than noise."""
