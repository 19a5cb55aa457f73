"""A stand-in for Shopify, of our own: what its Admin API does that a connector can meet.

Read in this order: `model` and `shop` (what a shop is, what happens in it), `documents` (how
GraphQL tells it), `truth` (what a ledger of it must say), `api` (one request from token to
answer), `bulk`, `webhooks`, `faults`. README.md says how to start it.
"""
