"""An OpenAI-compatible server that writes lore from a grammar, so that jobs run without a key.

Here belongs what a provider would do, in a process of its own; nothing that knows of jobs, Redis
or any other package of Loresmith, and none of them imports it.
"""
