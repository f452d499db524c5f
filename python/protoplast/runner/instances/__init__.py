"""Sends tasks of class UDFs to the workers that have their instances."""
