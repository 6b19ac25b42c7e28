"""The mistakes people make with softmax and cross-entropy, and what numbers they lead to.

``exercise`` is what a student was given; ``catalogue`` lists the mistakes, each with a function
that computes what it makes of an exercise; ``naming`` finds those that explain wrong answers.
The numbers here are compared with a handful of digits, so plain float64 formulas will do.
Nothing here is imported before there is a wrong answer.
"""
