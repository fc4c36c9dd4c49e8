"""Parses and checks the parts of a request by the rules of OpenAI's API, with its error texts.

Texts of answers and HTTP do not belong here.
"""
