def f(scores: object, labels: object) -> object:
    return scores
