"""The mistakes people make with softmax and cross-entropy, and what numbers they lead to.

A mistake is a function from an exercise to wrong answers, with ``@mistake(name, why)`` above it.
Each file is a chapter of them; ``catalogue`` says which chapters belong to which kind of answer.
The numbers here are compared with a handful of digits, so plain float64 formulas will do.
Nothing here is imported before there is a wrong answer.
"""
