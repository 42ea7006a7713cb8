"""embedlab's front door: page set-up, navigation, and the sidebar that says which texts and which model."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.app import sidebar

st.set_page_config(page_title="embedlab", page_icon=Path(__file__).with_name("icon.png"), layout="wide")

PAGES = {
    "Explore": [
        st.Page(
            "map/page.py",
            title="Map",
            icon=":material/scatter_plot:",
            default=True,
            help="What is in these texts, and what lies near what.",
        ),
        st.Page(
            "similarity/page.py",
            title="Similarity",
            icon=":material/grid_on:",
            url_path="similarity",
            help="How alike texts are, and which words carry it.",
        ),
        st.Page(
            "search/page.py",
            title="Search",
            icon=":material/search:",
            url_path="search",
            help="Which texts answer a question: by meaning, by words, and by both.",
        ),
        st.Page(
            "words/page.py",
            title="Words",
            icon=":material/match_word:",
            url_path="words",
            help="Nearest words, analogies, the odd one out, and axes of meaning.",
        ),
    ],
    "Compare": [
        st.Page(
            "compare/page.py",
            title="Models side by side",
            icon=":material/compare:",
            url_path="compare",
            help="Which model suits your texts, and whether the difference is real.",
        ),
        st.Page(
            "finetune/page.py",
            title="Frozen or fine-tuned?",
            icon=":material/tune:",
            url_path="finetune",
            help="Whether training a model on your own labels is worth it, measured on texts held out.",
        ),
    ],
    "Check": [
        st.Page(
            "check/page.py",
            title="Quality",
            icon=":material/fact_check:",
            url_path="check",
            help="What is wrong with these texts: repeats, outliers, doubtful labels, personal data.",
        ),
        st.Page(
            "drift/page.py",
            title="Drift",
            icon=":material/difference:",
            url_path="drift",
            help="Whether two sets of texts differ, where, and since when.",
        ),
    ],
    "Learn": [
        st.Page(
            "inside/page.py",
            title="Inside the model",
            icon=":material/layers:",
            url_path="inside",
            help="What a sentence goes through, from letters to a vector.",
        ),
    ],
    "Library": [
        st.Page(
            "library/texts.py",
            title="Texts",
            icon=":material/article:",
            help="Open a file, paste some lines, or pick a built-in data set.",
        ),
        st.Page(
            "library/models.py",
            title="Models",
            icon=":material/model_training:",
            help="Which model reads your texts, and what else is there.",
        ),
        st.Page(
            "library/stored.py",
            title="Stored vectors",
            icon=":material/database:",
            help="What embedlab keeps on this machine, how large it is, and how to clear it.",
        ),
    ],
}

page = st.navigation(PAGES)
sidebar.sidebar()
page.run()
