"""The page Drift: do two sets of texts differ?"""
