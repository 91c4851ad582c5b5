"""What the program does with the trade's rules, over ports.

NOTE: Qt-free zone; no sockets and no SQL either. asyncio is allowed. Everything that talks to the
world comes in through ``services.ports``, so that these rooms run on fakes and a fake clock.
"""
