"""Shows what embedlab costs, each figure beside an alternative measured in the same run."""
