"""What holds for all tests: Hypothesis times nobody, since machines are shared and slow ones are right, too."""

from hypothesis import settings

# On top of the profile that Hypothesis picks by itself: in CI the same examples at every run.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
