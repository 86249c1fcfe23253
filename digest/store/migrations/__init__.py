"""The migrations, in Alembic's layout: ``env.py`` runs them, ``versions/`` holds one module each."""
