"""List files: read and held against the template, packed into blocks, written.

``read_list`` never stops at a bad record and names every fault by its line; a file that is no list
is refused as a whole.
"""

from nas_desktop.adapters.voi_files.blocks import (
    BlockEntries,
    from_blocks,
    pack_entries,
    take_block,
)
from nas_desktop.adapters.voi_files.parsed import FileCounts, ParsedList, ReadOptions
from nas_desktop.adapters.voi_files.reader import read_list

__all__ = [
    "BlockEntries",
    "FileCounts",
    "ParsedList",
    "ReadOptions",
    "from_blocks",
    "pack_entries",
    "read_list",
    "take_block",
]
