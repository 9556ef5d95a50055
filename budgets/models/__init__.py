from budgets.models.changes import BudgetChange, BudgetChangeSum, Change
from budgets.models.lines import BudgetLine
from budgets.models.stages import Stage
from budgets.models.table import BudgetRow, BudgetSum

__all__ = ["BudgetChange", "BudgetChangeSum", "BudgetLine", "BudgetRow", "BudgetSum", "Change", "Stage"]
