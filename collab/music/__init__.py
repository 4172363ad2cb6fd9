"""The music: what there is, where its sound lies, and pieces of its own for who has none."""
