"""The HTTP interface: chat completions, responses, billing, faults and the page.

The texts of the answers come from `writer`; sentences and names do not belong here.
"""
