"""Money: prices, token counts, estimates, budgets.

Reservation and settlement happen in Lua, in `jobs/store/lua/budgets`.
"""
