"""Does to the tree in argv[1] what docs/how-to/add-a-command.md says, word for word."""
import re
import sys

tree = sys.argv[1]
page = open(tree + "/docs/how-to/add-a-command.md").read()
blocks = re.findall(r"   ```c\n(.*?)   ```", page, re.S)
file, declaration, row = [re.sub(r"^   ", "", block, flags=re.M) for block in blocks]
open(tree + "/src/cli/cmd_moon.c", "w").write(file)

def insert(path, before, text):
    source = open(tree + path).read()
    at = source.index(before)
    open(tree + path, "w").write(source[:at] + text + source[at:])

insert("/src/cli/commands.h", "extern CommandRun cmd_paths_run", declaration)
insert("/src/cli/commands.c", '    { "help", "Learn"', row)
insert("/src/cli/meson.build", "  'cmd_paths.c',", "  'cmd_moon.c',\n")
