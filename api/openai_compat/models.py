"""`/v1/models`: the models that jobs may name."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from loresmith.api.http.problems import Problem
from loresmith.api.http.responses import JSONResponse
from loresmith.api.openai_compat.operations import id_parameter
from loresmith.api.openapi.operation import ResponseSpec, operation
from loresmith.jobs.core.settings.providers import ProviderTable, UnknownModel, qualified


class ModelHandlers:
    """Lists the models of the providers. One that serves any model names the default one only."""

    def __init__(self, providers: ProviderTable) -> None:
        self._providers = providers

    @operation("List models", {200: ResponseSpec("The models.", "ModelList")}, scope="jobs:read")
    async def list(self, request: Request) -> Response:
        """Returns the default model first."""
        names = [self._providers.default_model]
        names += [
            qualified(provider.name, model)
            for provider in self._providers
            for model in provider.models
        ]
        data = [self._represent(name) for name in dict.fromkeys(names)]
        return JSONResponse({"object": "list", "data": data})

    @operation(
        "Read a model",
        {200: ResponseSpec("The model.", "ModelObject")},
        scope="jobs:read",
        problems=("model-not-found",),
        parameters=(id_parameter("a model"),),
    )
    async def read(self, request: Request) -> Response:
        """Tells whether a provider serves the model, as far as the settings say."""
        try:
            return JSONResponse(self._represent(request.path_params["id"]))
        except UnknownModel as error:
            raise Problem("model-not-found", str(error)) from None

    def _represent(self, name: str) -> dict[str, Any]:
        model = self._providers.resolve(name)
        owner = model.provider.name or "provider"
        return {"id": model.name, "object": "model", "created": 0, "owned_by": owner}
