"""Checking answers: ``--expect`` and what belongs to it.

``answers`` is the stage: it compares batches (``comparison``, to what ``tolerance`` allows), counts
and concludes with ``findings``. Wrong answers are an ``exercise`` again, of which ``naming`` finds
the ``mistakes`` that lead to them. Nothing here is imported unless an option asks for it.
"""
