"""The page Frozen or fine-tuned?"""
