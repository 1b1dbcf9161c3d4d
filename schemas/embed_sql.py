"""Writes the database migrations as one C array: embed_sql.py OUT.c NNNN_name.sql ...

The .sql files stay the only source. They are numbered from 0001 without a gap; the number is the database's user_version.
"""

import pathlib
import sys


def literal(text):
    return "\n".join('    "' + line.replace("\\", "\\\\").replace('"', '\\"') + '\\n"' for line in text.split("\n"))


def main(out, paths):
    paths = sorted(map(pathlib.Path, paths), key=lambda path: path.name)
    rows = []
    for number, path in enumerate(paths, 1):
        if int(path.name[:4]) != number:
            sys.exit(f"{path}: the migration after {number - 1} is number {number}")
        rows.append(f'{{"{path.stem}",\n{literal(path.read_text())}}},')
    pathlib.Path(out).write_text(
        "/* Written by schemas/embed_sql.py from schemas/store/. */\n"
        '#include "server/store/store_migrate.h"\n\n'
        "const struct migration store_migrations[] = {\n" + "\n".join(rows) + "\n};\n\n"
        f"const int store_migration_count = {len(rows)};\n"
    )


main(sys.argv[1], sys.argv[2:])
