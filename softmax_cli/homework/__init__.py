"""Checking answers: ``--expect`` and what belongs to it.

``digits`` says what the digits of an answer allow, ``review`` compares batches and counts.
Nothing here is imported unless an option asks for it.
"""
