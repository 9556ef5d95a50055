from budgets.models.changes import CHANGES_IN_ORDER, AmountChange, BudgetChange, BudgetChangeSum
from budgets.models.lines import BudgetLine
from budgets.models.measures import Measure
from budgets.models.printed_stages import PrintedStage
from budgets.models.reasons import ChangeReason
from budgets.models.stages import REDUCTION_ELSEWHERE, SIGNED, Stage, StageComponent, StageRole
from budgets.models.table import ROWS_IN_ORDER, BudgetRow, BudgetSum

__all__ = [
    "CHANGES_IN_ORDER",
    "REDUCTION_ELSEWHERE",
    "ROWS_IN_ORDER",
    "SIGNED",
    "AmountChange",
    "BudgetChange",
    "BudgetChangeSum",
    "BudgetLine",
    "BudgetRow",
    "BudgetSum",
    "ChangeReason",
    "Measure",
    "PrintedStage",
    "Stage",
    "StageComponent",
    "StageRole",
]
