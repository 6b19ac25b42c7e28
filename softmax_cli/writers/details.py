"""The tables that stand between the samples and the totals, if a run has any."""

from softmax_cli.data import Schema
from softmax_cli.job import Job
from softmax_cli.writers import Report
from softmax_cli.writers.grid import Grid


def details(report: Report, job: Job, schema: Schema) -> list[Grid]:
    """The tables of an evaluation that are asked for."""
    if report.evaluation is None or not (job.report or job.confusion):
        return []
    from softmax_cli.writers.evaluating import grids

    return grids(report.evaluation, job, schema)
