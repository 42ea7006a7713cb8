"""The pages Texts, Models and Stored vectors."""
