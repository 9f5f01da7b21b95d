"""``replay ui``: the cassettes of a folder in a browser, as they are and as they come to be."""
