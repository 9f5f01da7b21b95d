"""The viewer: a page that shows runs, and what it is given."""
