"""How results are drawn: Plotly figures, the map, and pages that stand alone."""
