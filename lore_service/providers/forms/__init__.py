"""Finds which form of request a server accepts for a model, from its rejections.

The forms themselves are in `request_form`.
"""
