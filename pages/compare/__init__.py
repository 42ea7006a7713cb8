"""The page Models side by side."""
