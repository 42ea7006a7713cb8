"""The Streamlit app: a folder a page."""
