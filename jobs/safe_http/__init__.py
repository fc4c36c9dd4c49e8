"""HTTP requests to addresses that a user or a model chose: they reach public servers only.

A server that sends a request for another can be led to what only it reaches: databases,
routers, the metadata service of a cloud (SSRF). Here each connection is judged by the address that
is then dialled, so that neither another spelling, nor a redirect, nor a name that resolves
differently the second time leads elsewhere.
"""
