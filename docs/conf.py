"""How Sphinx makes the site. `./mkd docs` builds it."""

project = "MKD"
html_title = "MKD"
root_doc = "docs/README"
extensions = ["myst_parser"]
html_theme = "furo"
html_show_copyright = False
html_show_sphinx = False
html_copy_source = False
myst_heading_anchors = 4
myst_links_external_new_tab = False
# A heading that is a call (`GET /v1/me`) stands on each service's page.
suppress_warnings = ["myst.header"]
