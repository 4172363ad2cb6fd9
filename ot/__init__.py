"""The playlist algebra: ops, and how two of them meet. Pure; knows neither sockets nor databases."""
