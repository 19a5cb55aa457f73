"""Hearth & Alder, a home goods shop that never was: every row follows from one seed and one day.

dice       draws that depend on their keys alone, so any stretch of days can be made by itself
days       days as whole numbers
story      what happened to the shop, and when
catalogue  what it sells, at which price and cost
variants   the sizes and colours of it
people     who buys: countries, places, channels, new and returning customers
plan       how many orders each day has
orders     who ordered when
baskets    what was in the orders, and the money of each line
changes    cancellations, edits, returns
traffic    visits
advertising
           what was spent, and what the platforms claim it sold
costs      parcels and payment fees
stock      daily stock levels
ledger     dated money movements as columns
columns    Arrow columns made of whole numbers
tables     orders, sales, products and the calendar as the warehouse's tables
counts     visits, advertising, costs and stock as the warehouse's tables
world      all rows that a stretch of days brings
"""
