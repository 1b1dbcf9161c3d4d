#!/usr/bin/env python3
"""mutate.py - would the tests see it if the planner were wrong?

    tests/mutation/mutate.py BUILD [--sample N [--skip K]] [--seed S] [--minutes M] [--only FILE[:LINE]] [--survivors OUT]

Puts one small mistake at a time into a copy of a file of server/core - a comparison turned or off by one, `and` for
`or`, a sign, a truth value, a statement left out - compiles it, and runs the simulator (400 seeds) and the unit tests of
the planner. A mistake that neither sees survives; the score is the share of those that were seen. What does not compile
does not count. Without --sample all of them, which takes hours; a sample is drawn by seed. planner_check.c is left out
(it is a test itself), as are INVARIANT lines and planted bugs. BUILD is a build directory that is up to date."""
import argparse
import pathlib
import random
import re
import resource
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
CORE = ROOT / 'server/core'
SIMULATOR = ['sim_campaign', 'sim_coordinator', 'sim_network', 'sim_retract', 'sim_worker', 'sim_world', 'simulate']
UNIT = ['test_planner', 'test_exchange', 'test_keymap', 'test_planner_many', 'test_ready']
FLAGS = ['-std=c17', '-O1', '-w', '-D_GNU_SOURCE', '-ffp-contract=off', '-fno-strict-aliasing', '-I', str(ROOT)]
CPU_LIMIT_S, WALL_LIMIT_S = 60, 1200  # of CPU: on a busy machine a slow test is not a test that saw something

TOKENS = [
    (r'==', '!='), (r'!=', '=='), (r'<=', '<'), (r'>=', '>'), (r' < ', ' <= '), (r' > ', ' >= '), (r'&&', '||'),
    (r'\|\|', '&&'), (r' \+ ', ' - '), (r' - ', ' + '), (r'\+\+', '--'), (r'\btrue\b', 'false'),
    (r'\bfalse\b', 'true'), (r'!(?=[A-Za-z_(])', ''), (r'\+= ', '-= '),
]
STATEMENT = re.compile(r'^\s+(?:[\w>.\[\]-]+\(.*\)|[\w>.\[\]-]+ (?:=|\+=|-=|\|=|&=) .*|[\w>.\[\]-]+(?:\+\+|--));$')
SKIPPED = re.compile(r'^\s*(?:#|/?\*|INVARIANT)|INVARIANT\(|PLANTED')


def code_of(line):
    """The line with strings and comments blanked out, so that positions stay."""
    blank = lambda match: ' ' * len(match.group())
    return re.sub(r'"(?:\\.|[^"\\])*"|/\*.*?\*/|/\*.*$', blank, line)


def find_mutants(path):
    lines = path.read_text().split('\n')
    in_comment = is_planted = in_block = False
    for number, line in enumerate(lines):
        starts_in_comment = in_comment
        in_comment = ('/*' in line.rsplit('*/', 1)[-1]) or (in_comment and '*/' not in line)
        is_planted = number > 0 and ('PLANTED(' in lines[number - 1] or (is_planted and line.strip() != '}' and in_block))
        in_block = (in_block and is_planted) or ('PLANTED(' in line and line.endswith('{'))
        if starts_in_comment or is_planted or SKIPPED.search(line):
            continue
        code = code_of(line).rstrip()
        for pattern, replacement in TOKENS:
            for match in re.finditer(pattern, code):
                yield number, line[:match.start()] + replacement + line[match.end():]
        if STATEMENT.match(code) and not re.match(r'^\s*(return|struct|enum|const)\b', code):
            yield number, re.match(r'\s*', line).group() + ';'


def limit_cpu():
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_LIMIT_S, CPU_LIMIT_S))


class Bench:
    """Everything that does not change, compiled once."""

    def __init__(self, build, work):
        self.work = work
        self.common = [str(p) for p in sorted((build / 'common').glob('*.a')) + sorted((build / 'schemas').glob('*.a'))]
        self.libraries = ['-lsodium', '-lprotobuf-c', '-lyaml', '-lm']
        self.generated = ['-I', str(build / 'schemas'), '-I', str(build)]
        self.core = {p.stem: self.compile(p, work / f'{p.stem}.o') for p in sorted(CORE.glob('*.c'))}
        self.simulator = [self.compile(ROOT / 'tests/simulate' / f'{n}.c', work / f'{n}.o') for n in SIMULATOR]
        self.unit = [self.compile(ROOT / 'tests/unit/server' / f'{n}.c', work / f'{n}.o') for n in UNIT]

    def compile(self, source, target):
        done = subprocess.run(['gcc', *FLAGS, *self.generated, '-I', str(source.parent), '-I', str(CORE), '-c', str(source),
                               '-o', str(target)], capture_output=True, text=True)
        if done.returncode:
            raise SyntaxError(done.stderr)
        return str(target)

    def link(self, objects, core, target, libraries=()):
        subprocess.run(['gcc', *objects, *core, *self.common, *self.libraries, *libraries, '-o', str(target)], check=True,
                       capture_output=True)
        return str(target)

    def survives(self, name, mutated):
        """mutated: object of server/core/NAME.c, which the tests are run with."""
        core = [mutated if stem == name else path for stem, path in self.core.items()]
        here = pathlib.Path(mutated).parent
        commands = [[self.link(self.simulator, core, here / 'simulate'), '--seeds', '1:400']]
        commands += [[self.link([o], core, here / f'unit{i}', ['-lcriterion']), '--jobs=1']
                     for i, o in enumerate(self.unit)]
        for command in commands:
            try:
                done = subprocess.run(command, capture_output=True, timeout=WALL_LIMIT_S, preexec_fn=limit_cpu)
            except subprocess.TimeoutExpired:
                return False
            if done.returncode:
                return False
        return True


def judge(bench, path, number, line):
    """True: survives; False: seen; None: does not compile."""
    lines = path.read_text().split('\n')
    lines[number] = line
    with tempfile.TemporaryDirectory(dir=bench.work) as here:
        source = pathlib.Path(here) / path.name
        source.write_text('\n'.join(lines))
        try:
            return bench.survives(path.stem, bench.compile(source, pathlib.Path(here) / 'mutated.o'))
        except (SyntaxError, subprocess.CalledProcessError):
            return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('build', type=pathlib.Path)
    parser.add_argument('--sample', type=int)
    parser.add_argument('--skip', type=int, default=0, help='of the sample, done before')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--minutes', type=float, default=1e9)
    parser.add_argument('--only', default='')
    parser.add_argument('--survivors', type=pathlib.Path)
    options = parser.parse_args()
    only, _, only_line = options.only.partition(':')
    mutants = [(path, number, line) for path in sorted(CORE.glob('*.c')) if path.stem != 'planner_check'
               for number, line in find_mutants(path)
               if (not only or path.name == only) and (not only_line or number + 1 == int(only_line))]
    random.Random(options.seed).shuffle(mutants)
    drawn = mutants[:options.sample][options.skip:]
    end = time.monotonic() + 60 * options.minutes
    with tempfile.TemporaryDirectory() as work:
        bench = Bench(options.build.resolve(), pathlib.Path(work))
        if not bench.survives('', str(pathlib.Path(work) / 'none.o')):
            sys.exit('the tests fail without a mistake')
        seen = survived = looked_at = 0
        for path, number, line in drawn:
            if time.monotonic() > end:
                break
            looked_at += 1
            verdict = judge(bench, path, number, line)
            if verdict is None:
                continue
            seen += not verdict
            survived += verdict
            if verdict:
                report = (f'{path.relative_to(ROOT)}:{number + 1}: survives\n'
                          f'  - {path.read_text().split(chr(10))[number].strip()}\n  + {line.strip()}')
                print(report, flush=True)
                if options.survivors:
                    with options.survivors.open('a') as out:
                        out.write(report + '\n')
        total = seen + survived
        print(f'{len(mutants)} mistakes possible, {looked_at} drawn (seed {options.seed}), {total} compile: '
              f'{seen} seen, {survived} survive, '
              f'score {100 * seen / max(total, 1):.1f} %')


main()
