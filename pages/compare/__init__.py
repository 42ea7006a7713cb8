"""The page Compare models."""
