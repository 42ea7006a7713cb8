"""Questions put to a space: what a selection is about, what is near what, how alike some texts are."""
