"""Writes the database migrations as one C array: embed_sql.py OUT.c NNNN_name.sql ...

The .sql files stay the only source. They are numbered from 0001 without a gap; the number is the database's user_version.
"""

import pathlib
import sys


def array(name, text):
    """As bytes: compilers need not take string literals this long."""
    codes = [f"{byte}," for byte in text.encode()] + ["0,"]
    lines = ["    " + " ".join(codes[i : i + 24]) for i in range(0, len(codes), 24)]
    return f"static const char {name}[] = {{\n" + "\n".join(lines) + "\n};\n"


def main(out, paths):
    paths = sorted(map(pathlib.Path, paths), key=lambda path: path.name)
    arrays, rows = [], []
    for number, path in enumerate(paths, 1):
        if int(path.name[:4]) != number:
            sys.exit(f"{path}: the migration after {number - 1} is number {number}")
        arrays.append(array(f"sql_{number:04}", path.read_text()))
        rows.append(f'    {{"{path.stem}", sql_{number:04}}},')
    pathlib.Path(out).write_text(
        "/* Written by schemas/embed_sql.py from schemas/store/. */\n"
        '#include "server/store/store_migrate.h"\n\n'
        + "\n".join(arrays)
        + "\nconst struct migration store_migrations[] = {\n" + "\n".join(rows) + "\n};\n\n"
        f"const int store_migration_count = {len(rows)};\n"
    )


main(sys.argv[1], sys.argv[2:])
