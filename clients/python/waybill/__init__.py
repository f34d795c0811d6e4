"""Waybill's HTTP interface, by the standard library alone. Begin with the class Waybill.

`waybill.types` has the forms of what is given and taken, `waybill.webhooks.verify` checks a webhook's message.
"""
from .client import VERSION as __version__
from .client import Waybill
from .following import EventStream
from .problems import BadSignature, Problem, Unreachable, WaybillError, WrongValue

__all__ = ["BadSignature", "EventStream", "Problem", "Unreachable", "Waybill", "WaybillError", "WrongValue", "__version__"]
