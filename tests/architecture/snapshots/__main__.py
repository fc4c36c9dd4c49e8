"""Rewrites the committed snapshots: python -m tests.architecture.snapshots"""

from tests.architecture.snapshots.surfaces import FOLDER, SURFACES

for name, surface in SURFACES.items():
    text = surface()
    path = FOLDER / name
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
        print(f"rewritten: {path.name}")
