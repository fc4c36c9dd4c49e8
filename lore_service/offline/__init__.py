"""The offline model: an OpenAI-compatible server that writes readable lore; no language model.

It exists so that the real provider path (SDK, HTTP, streaming) runs with no key and no money. It
is a process of its own and knows nothing of jobs: it sees what any provider would see.
"""
