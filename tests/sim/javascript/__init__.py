"""Devices with the JavaScript SDK in the simulation, beside those with the Python one."""
