"""The pictures of the documentation: runs on a provider double, shown by the page."""
