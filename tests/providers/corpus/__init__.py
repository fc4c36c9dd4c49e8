"""The corpus: answers that servers have given, by kind, and what must come of each."""

from tests.providers.corpus.ends import ENDS
from tests.providers.corpus.errors import ERRORS, PAUSES
from tests.providers.corpus.fields import FIELDS, USAGES
from tests.providers.corpus.finish_reasons import REASONS
from tests.providers.corpus.frames import FRAMES
from tests.providers.corpus.shapes import SHAPES
from tests.providers.corpus.texts import FORMS, SURROGATES

ANSWERS = [
    *FRAMES, *SHAPES, *ENDS, *ERRORS, *PAUSES, *REASONS, *FORMS, *SURROGATES, *FIELDS, *USAGES,
]  # fmt: skip
"""All of them. The names are unique."""
