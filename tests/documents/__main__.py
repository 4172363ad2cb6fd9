"""`make docs` writes the documents that are made from the code."""

from tests.documents.files import made

for path, content in made().items():
    path.write_text(content)
