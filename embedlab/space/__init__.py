"""Vectors to structure: neighbours, layout, clusters, names, trust."""

from embedlab.space.space import Clusters, Distinct, Layout, Neighbours, Space

__all__ = ["Clusters", "Distinct", "Layout", "Neighbours", "Space"]
