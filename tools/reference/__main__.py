"""Write the pages on events anew."""

from tools.reference.files import ROOT, files

for name, text in files().items():
    (ROOT / name).write_text(text)
