"""The page and the browser client, as files, and the two routes that serve them.

Sources are in `client/`, `react/` and `page/`. The `.js` files beside this one are made from them
by `make bundle` and committed. Nothing here reads or changes a job.
"""
