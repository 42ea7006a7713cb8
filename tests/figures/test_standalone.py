from __future__ import annotations

import json
import re

import numpy as np

from embedlab.corpus import Column
from embedlab.figures import html as assets
from embedlab.figures.colouring import by_codes
from embedlab.figures.map import MapLabel, Points
from embedlab.figures.map_view import map_html

NASTY = "</script><script>window.pwned=1</script><!-- & \u2028 {title} $1"


def page() -> str:
    positions = np.array([[0, 1], [2, 3]], dtype=np.float32)
    columns = (Column(NASTY, "category", np.array([NASTY, None], dtype=object)),)
    colouring = by_codes(NASTY, np.array([0, 0]), [NASTY])
    labels = [MapLabel(NASTY, 0, 0)]
    points = Points(positions, [NASTY, "\ud800"], columns)
    return map_html(points, {NASTY: colouring}, labels, title=NASTY, doubt="lone \ud800", trust=NASTY, footer=NASTY)


def data_of(html: str) -> str:
    found = re.search(r'id="data">(.*?)</script>', html, re.DOTALL)
    assert found
    return found.group(1)


def test_json_in_a_script_cannot_end_it():
    data = data_of(page())
    assert not set("<>&") & set(data)
    told = json.loads(data)
    assert [told[name] for name in ("title", "trust", "footer")] == [NASTY] * 3
    assert told["doubt"] == "lone \ufffd"


def test_user_text_is_nowhere_in_the_markup():
    html = page()
    ours = html.split('<script type="application/json"')[0]
    assert "pwned" not in ours.replace("&lt;script&gt;window.pwned=1&lt;/script&gt;", "")
    assert json.loads(data_of(html))["points"]["texts"][0] == NASTY
    assert html.count("</script>") == 2


def test_nothing_may_be_fetched():
    html = page()
    assert "default-src 'none'" in html
    ours = html.replace(assets.plotly_file().read_text(encoding="utf-8"), "")
    assert not re.search(r"""(src|href)\s*=\s*["']?https?:""", ours)
    assert "http" not in ours.replace("http-equiv", "").replace("http://www.w3.org/2000/svg", "")


def test_plotly_is_the_installed_one():
    assert assets.plotly_version() in assets.plotly_file().read_text(encoding="utf-8")[:300]
    assert "</script" not in assets.plotly_file().read_text(encoding="utf-8")
