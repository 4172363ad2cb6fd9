"""`python -m tests.vectors` writes the vectors anew."""

from tests.vectors.files import FOLDER, generated

for name, lines in generated().items():
    (FOLDER / name).write_bytes(lines)
