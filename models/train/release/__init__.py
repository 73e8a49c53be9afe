"""From a trained network and its figures to the files that ship."""
