"""The revisions, `vNNNN_what.py`, each made from the one before it."""
