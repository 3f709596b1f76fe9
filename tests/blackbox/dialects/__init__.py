"""Clients of the five documented APIs, each speaking its document's words only."""
