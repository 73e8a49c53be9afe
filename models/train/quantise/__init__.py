"""From a folded network to the int8 graph of the numeric contract."""
