"""embedlab's front door: page set-up, navigation, and the sidebar that says which texts and which model."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from embedlab.base.english import counted
from embedlab.corpus import Corpus
from embedlab.encoders import DEFAULT_MODEL
from embedlab.encoders.base import TRANSFORMER
from embedlab.figures.theme import one_line, short
from embedlab.pipeline import EmbeddingChoice
from pages.app import results, running, session
from pages.app.components import close_menu_when_chosen
from pages.app.jobs import registry
from pages.app.widgets import as_typed

ICON = Path(__file__).with_name("icon.png")
st.set_page_config(page_title="embedlab", page_icon=ICON, layout="wide")
LONGEST_NAME = 40  # of the texts in the title of a tab

# A finger has no pointer to call a toolbar with and send it away again: Plotly's would lie over the picture for good,
# that of a table over what is said above it. The picture gets the room: less is left empty around a page.
STYLE = """<style>
@media (hover: none) {
    .modebar-container { display: none !important; }
    [data-testid="stDataFrame"] { margin-top: 1.75rem; }
}
@media (min-width: 700px) { .stMainBlockContainer { padding: 2.6rem 2.5rem 1.5rem; } }
</style>"""


def _page(place: str, title: str, icon: str, explained: str) -> StreamlitPage:
    """Return a page of the navigation: a folder with a `page.py`, or a script of a folder. The first one is the map."""
    address = place.rpartition("/")[2]
    script = f"{place}.py" if "/" in place else f"{place}/page.py"
    shown = f":material/{icon}:"
    return st.Page(script, title=title, icon=shown, url_path=address, default=place == "map", help=explained)


PAGES = {
    "Explore": [
        _page("map", "Map", "scatter_plot", "What is in these texts, and what lies near what."),
        _page("similarity", "Similarity", "grid_on", "How alike texts are, and which words carry it."),
        _page("search", "Search", "search", "Which texts answer a question: by meaning, by words, and by both."),
        _page("words", "Words", "match_word", "Nearest words, analogies, the odd one out, and axes of meaning."),
    ],
    "Compare": [
        _page(
            "compare",
            "Compare models",
            "compare",
            "Which model suits your texts, and whether the difference is real.",
        ),
        _page(
            "finetune",
            "Frozen or fine-tuned?",
            "tune",
            "Whether training a model on your own labels is worth it, measured on texts held out.",
        ),
    ],
    "Check": [
        _page(
            "check",
            "Quality",
            "fact_check",
            "What is wrong with these texts: repeats, outliers, doubtful labels, personal data.",
        ),
        _page("drift", "Drift", "difference", "Whether two sets of texts differ, where, and since when."),
    ],
    "Learn": [
        _page("inside", "Inside the model", "layers", "What a sentence goes through, from letters to a vector."),
    ],
    "Library": [
        _page("library/texts", "Texts", "article", "Open a file, paste some lines, or pick a built-in data set."),
        _page("library/models", "Models", "model_training", "Which model reads your texts, and what else is there."),
        _page(
            "library/stored",
            "Stored vectors",
            "database",
            "What embedlab keeps on this machine, how large it is, and how to clear it.",
        ),
    ],
}


def _sidebar() -> None:
    """Say which texts and which model, on every page."""
    texts = session.corpus()
    with st.sidebar:
        with st.container(gap="xxsmall"):
            st.caption("Texts")
            st.text(texts.name)
            columns = len(texts.columns)
            more = f", {counted(columns, 'more column')}" if columns else ""
            st.caption(f"{counted(len(texts), 'text')}{more}")
        _sample(texts)
        _left_out()
        st.page_link("library/texts.py", label="Change texts", icon=":material/folder_open:")
        how = session.reading()
        with st.container(gap="xxsmall"):
            st.caption("Model")
            st.text(how.model or "Your own vectors")
            if told := _computed_with(texts, how):
                st.caption(told)
        st.page_link("library/models.py", label="Change model", icon=":material/model_training:")
        of_layers = {listing.name for listing in results.listed_models() if listing.family == TRANSFORMER}
        if not how.own and st.session_state.get("model", DEFAULT_MODEL) in of_layers:  # it has two precisions
            st.toggle(
                "Full precision",
                key="exact",
                persist_state="session",
                help="Compute vectors in fp32. Without it, a CPU that has bfloat16 uses it: about half the time, and "
                "cosines that differ from fp32 by less than 0.001.",
            )
        close_menu_when_chosen()


def _sample(texts: Corpus) -> None:
    """Say on every page that only a sample is looked at, and offer to go on with all texts."""
    if texts.sampled is None:
        return
    st.caption(f":material/casino: A random sample of {texts.sampled.of:,} texts (seed {texts.sampled.seed})")
    whole = session.whole()
    if whole is not None:
        st.button(
            f"Read all {len(whole):,}", key="read-all", icon=":material/expand_content:", on_click=session.read_all,
            help="Embeds the other texts as well; the vectors of the sample are there already.",
        )  # fmt: skip


def _left_out() -> None:
    """Say which texts the model could not read, and offer to try them again."""
    note = session.left_out()
    if note is not None:
        st.caption(as_typed(note.sentence))
        st.button("Try these again", key="read-again", icon=":material/refresh:", on_click=session.read_again)


def _computed_with(texts: Corpus, how: EmbeddingChoice) -> str:
    job = results.prepared_job.known(texts, how)
    if job is None or not job.succeeded:
        return ""
    card = job.result().space.card
    return f"{counted(card.dimensions, 'dimension')}, {card.runtime}; {card.checked}".rstrip("; ")


def _tab(title: str, texts: str) -> str:
    """Return what a tab of the browser is called: the page, the texts, the app."""
    return f"{title} · {short(one_line(texts), LONGEST_NAME)} · embedlab"


page = st.navigation(PAGES)
st.set_page_config(page_title=_tab(page.title, session.corpus().name), page_icon=ICON, layout="wide")
st.html(STYLE)
registry().looks_at((session.corpus().fingerprint, session.reading()))
running_now = st.sidebar.container(key="running")
_sidebar()
with running.listed(running_now):
    page.run()
