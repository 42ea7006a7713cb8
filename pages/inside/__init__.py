"""The page Inside the model."""
