"""What the trade knows, as values and pure functions.

NOTE: Qt-free, clock-free, I/O-free zone. Time comes in as an argument, facts come in as a ``Spec``;
so every rule here can be tested by example and by property without a fake.
"""
