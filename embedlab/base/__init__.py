"""What everything stands on: errors, fingerprints, progress, places on disk."""
