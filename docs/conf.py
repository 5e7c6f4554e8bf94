"""How the documents become a site: `make docs`."""

from importlib.metadata import version as version_of

project = "HotelMate"
copyright = "the HotelMate contributors"
version = release = version_of("hotelmate")
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
myst_heading_anchors = 3  # as GitHub makes them, so that links work in both places
nitpicky = True
highlight_language = "text"

html_theme = "furo"
html_title = f"HotelMate {version}"
html_show_sphinx = False
html_copy_source = False
