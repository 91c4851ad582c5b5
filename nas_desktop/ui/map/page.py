"""The map's page as folium makes it, with nothing in it that would ask another computer."""

from __future__ import annotations

import re
import secrets
from typing import ClassVar

import folium
from branca.element import MacroElement
from folium.elements import JSCSSMixin
from folium.plugins import HeatMap
from folium.template import Template

OWN_SCRIPTS = ("core", "ground", "reads", "live", "shapes", "tiles", "alone", "begin")
"""The map's own scripts, in the order in which they need each other."""

MIDDLE, ZOOM = (54.2, -2.9), 6
"""What is seen at first: Great Britain."""

LEAST_ZOOM, MOST_ZOOM = 5, 19


class _Local(folium.Map):
    """folium's map with Leaflet from the package, and none of what else it would load."""

    default_js: ClassVar[list[tuple[str, str]]] = [("/assets/leaflet.js", "/assets/leaflet.js")]
    default_css: ClassVar[list[tuple[str, str]]] = [("/assets/leaflet.css", "/assets/leaflet.css")]


class _Heat(HeatMap):
    default_js: ClassVar[list[tuple[str, str]]] = [("/assets/leaflet_heat.min.js",) * 2]


class _Layers(JSCSSMixin, MacroElement):
    """Our layers, and drawing by Geoman."""

    default_js: ClassVar[list[tuple[str, str]]] = []
    default_css: ClassVar[list[tuple[str, str]]] = [("/assets/page.css", "/assets/page.css")]
    _template = Template(
        "{% macro script(this, kwargs) %}"
        "NAS.begin({{ this._parent.get_name() }}, {{ this.heat.get_name() }});"
        "{% endmacro %}"
    )

    def __init__(self, heat: HeatMap, scripts: list[str], styles: list[str]) -> None:
        super().__init__()
        self._name = "Layers"
        self.heat = heat
        # The path is the name as well: what two parts ask for is loaded once.
        links = {"default_js": scripts, "default_css": styles}
        self.__dict__.update({name: [(p, p) for p in paths] for name, paths in links.items()})


def map_of(
    *, is_drawn_on: bool = True, has_vector_tiles: bool = False, is_alone: bool = False
) -> folium.Map:
    """Return folium's map with our layers on it, whose links lead to ``/assets/`` alone."""
    made = _Local(
        location=list(MIDDLE),
        zoom_start=ZOOM,
        tiles=None,
        control_scale=True,
        zoom_control=False,
        min_zoom=LEAST_ZOOM,
        max_zoom=MOST_ZOOM,
        keyboard=False,
        box_zoom=False,
        double_click_zoom=False,
        zoom_animation=False,
        fade_animation=False,
        inertia=False,
        attribution_control=False,
        max_bounds=True,
        min_lat=45.0, max_lat=65.0, min_lon=-20.0, max_lon=12.0,
    )  # fmt: skip
    heat = _Heat([], radius=22, blur=16, min_opacity=0.02, max_zoom=12, gradient={})
    heat.add_to(made)
    scripts = ["/assets/qwebchannel.js"] if is_drawn_on else []
    styles = ["/assets/page.css"]
    if is_drawn_on:
        scripts.append("/assets/leaflet-geoman.min.js")
        styles.insert(0, "/assets/leaflet-geoman.css")
    if has_vector_tiles:
        scripts.append("/assets/protomaps-leaflet.js")
    names = [name for name in OWN_SCRIPTS if is_alone or name != "alone"]
    scripts += [f"/assets/{name}.js" for name in names]
    _Layers(heat, scripts, styles).add_to(made)
    return made


def policy_of(nonce: str, *, is_alone: bool = False) -> str:
    """Return the Content-Security-Policy of the page: its own scheme, and its own words alone.

    A page that stands alone has not even a scheme of its own to ask.
    """
    own = "" if is_alone else "'self' "
    none = "'none'"
    pictures = "data:" if is_alone else "'self' data: blob:"
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src {own}'nonce-{nonce}';"
        f" img-src {pictures}; font-src {own}data:; connect-src {own or none};"
        " worker-src 'none'; frame-src 'none'; object-src 'none'; base-uri 'none';"
        " form-action 'none'"
    )


def page_html(*, has_vector_tiles: bool = False) -> str:
    """Return the page of a session; its scripts carry a number that no other page has."""
    return locked(
        str(map_of(has_vector_tiles=has_vector_tiles).get_root().render()), secrets.token_hex(16)
    )


def locked(html: str, nonce: str) -> str:
    """Give the page its policy, before anything else in its head, and its scripts their number."""
    html = re.sub(r"<(script|style)\b", rf'<\1 nonce="{nonce}"', html)
    # In the body: what runs needs the element it fills, and nothing stands behind </html>.
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy_of(nonce)}">'
    return html.replace("<head>", f"<head>\n    {meta}", 1)
