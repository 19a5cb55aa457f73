"""Hearth & Alder, a home goods shop that never was: every row follows from one seed and one day.

dice       draws that depend on their keys alone, so any stretch of days can be made by itself
zone       the shop's wall clock
story      what happened to the shop, and when
catalogue  what it sells, at which price and cost
people     who buys: countries, places, channels, new and returning customers
plan       how many orders each day has
orders     who ordered when
baskets    what was in the orders, and the money of each line
changes    cancellations, edits, returns
traffic    visits and advertising
stock      daily stock levels
tables     all of it as Arrow tables, cut at a moment
"""
