"""What plays, and where it is."""

from jam.commands import Command
from jam.events import Event
from jam.rules import Rule, Step

RULES: dict[type[Command], Rule] = {}
STEPS: dict[type[Event], Step] = {}
