"""Lists of models, `a|b`, of which a later one is asked where those before took no request."""

from loresmith.api.http.problems import Problem, body_error, validation_error
from loresmith.jobs.costs.prices import Prices


def price_problem(prices: Prices, models: str) -> Problem | None:
    """Returns the problem of a list that has known and unknown prices: no maximum would hold."""
    if not (names := prices.unpriced_in(models)):
        return None
    unpriced, priced = names
    detail = (
        f"{priced} has a known price and {unpriced} has none; a list needs the prices of all its "
        "models or of none. Set it in the providers file or in LORESMITH_PRICES_FILE (0 is one)."
    )
    return validation_error(body_error(("options", "model"), detail))
