"""The page Quality: what is wrong with these texts?"""
