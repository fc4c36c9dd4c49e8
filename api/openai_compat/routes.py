"""The routes below /v1."""

from starlette.routing import Route

from loresmith.api.dependencies import Dependencies
from loresmith.api.openai_compat.answers import Answers
from loresmith.api.openai_compat.chat_completions import ChatCompletionHandlers
from loresmith.api.openai_compat.creation import OpenAIJobs
from loresmith.api.openai_compat.following import JobFollower
from loresmith.api.openai_compat.models import ModelHandlers
from loresmith.api.openai_compat.responses import ResponseHandlers
from loresmith.api.services.job_creation import JobCreation
from loresmith.api.services.job_store import JobStores
from loresmith.api.services.sdk_retries import SdkRetries


def openai_routes(
    parts: Dependencies, stores: JobStores, creation: JobCreation, follower: JobFollower
) -> list[Route]:
    """Returns the routes. They create jobs as POST /jobs does, with `creation`."""
    settings = parts.settings
    jobs = OpenAIJobs(stores, creation, SdkRetries(parts.pipeline))
    answers = Answers(follower, settings.v1_wait_s)
    chat = ChatCompletionHandlers(jobs, answers, settings)
    responses = ResponseHandlers(jobs, answers, settings)
    models = ModelHandlers(settings.providers)
    return [
        Route("/v1/chat/completions", chat.create, methods=["POST"]),
        Route("/v1/chat/completions/{id}", chat.read, methods=["GET"]),
        Route("/v1/chat/completions/{id}", chat.delete, methods=["DELETE"]),
        Route("/v1/responses", responses.create, methods=["POST"]),
        Route("/v1/responses/{id}", responses.read, methods=["GET"]),
        Route("/v1/responses/{id}", responses.delete, methods=["DELETE"]),
        Route("/v1/responses/{id}/cancel", responses.cancel, methods=["POST"]),
        Route("/v1/models", models.list, methods=["GET"]),
        Route("/v1/models/{id:any}", models.read, methods=["GET"]),
    ]
