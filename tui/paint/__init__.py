"""Pure painters: what a tape looks like at a position, as canvases; no Textual and no Rich in here."""
