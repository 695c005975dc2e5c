"""The front door: parse, call one service, render, exit."""
