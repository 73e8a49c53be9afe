"""What is tried before a recipe changes: features of many views, and what heads make of them."""
