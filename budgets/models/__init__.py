from budgets.models.lines import BudgetLine
from budgets.models.stages import Stage
from budgets.models.table import BudgetRow, BudgetSum

__all__ = ["BudgetLine", "BudgetRow", "BudgetSum", "Stage"]
