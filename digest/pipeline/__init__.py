"""The pipeline: the only place where the pure parts and the world are wired together.

``run`` is the whole of it; ``ingest``, ``compose``, ``deliver`` and ``publish`` are its steps, a module each.
"""
