"""Face of deciding on many proposals at once."""

from ui.components.island import Island


class Bulk(Island):
    """The bar over the list while something is selected, with its dialog."""

    library = "$/public/cs/bulk.js"
    tag = "Bulk"
