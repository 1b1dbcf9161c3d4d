"""What people do with results in Python: the examples of schemas/views.md with pandas, exported frames with ASE.

    python.py VITRINE VITRINE_WORKER CAMPAIGN VIEWS.md

Exit code 77 (skipped) where pandas or ASE is not installed (Debian: python3-pandas, python3-ase)."""
import math
import os
import re
import subprocess
import sys
import tempfile

try:
    import ase.io
    import pandas  # noqa: F401
except ImportError as missing:
    print(f"skipped: {missing} (Debian: apt install python3-pandas python3-ase)")
    sys.exit(77)

vitrine, worker, campaign, views = (os.path.realpath(path) for path in sys.argv[1:5])
os.environ["VITRINE_WORKER"] = worker
failures = 0


def check(name, good, told=""):
    global failures
    print(f"{'ok' if good else 'FAILED'}: {name}{'' if good else f': {told}'}")
    failures += not good


def run(*words):
    return subprocess.run([vitrine, *words], check=True, capture_output=True, text=True).stdout


def run_examples(db):
    """All examples in one name space, as a reader would type them."""
    names = {"db": db, "vitrine": vitrine}
    for number, example in enumerate(re.findall(r"```python\n(.*?)```", open(views).read(), re.S), 1):
        try:
            exec(compile(example, f"views.md example {number}", "exec"), names)
            check(f"example {number} of views.md", True)
        except Exception as failure:  # whatever a reader would meet
            check(f"example {number} of views.md", False, repr(failure))
    samples, by_rung = names["samples"], names["by_rung"]
    check("fifty samples at four temperatures", samples.temperature_set.nunique() == 4 and len(samples) == 50, str(len(samples)))
    check("energies are those of a Wahnstrom liquid", samples.energy_inherent.between(-7.3, -6.7).all())
    check("means of all rungs, twice the same", math.isclose(
        by_rung.energy_inherent[0], samples[(samples.ensemble_name == "ladder") & (samples.temperature_set == 0.7)]
        .energy_inherent.mean(), rel_tol=1e-12))
    check("the first shell of g_LS lies near its contact", 0.85 < names["edges"][names["g_LS"].argmax()] < 1.1)


def read_frames(db, form, ending, ase_format):
    """One frame in one form, opened with ASE: its atoms, their kinds, the box and the nearest distance."""
    run("export", db, "--frames", "--format", form, "--where", "kind = 'inherent' AND replica = 4", "--out", form)
    files = os.listdir(form)
    check(f"one frame as {form}", len(files) == 1 and files[0].endswith(ending), str(files))
    # ASE has no reduced units; metal ones leave lengths as they are.
    options = {"style": "atomic", "units": "metal", "Z_of_type": {1: 1, 2: 2}} if form == "data" else {}
    atoms = ase.io.read(os.path.join(form, files[0]), format=ase_format, **options)
    check(f"{form}: 300 atoms in a periodic cube", len(atoms) == 300 and atoms.pbc.all()
          and math.isclose(atoms.get_volume(), 300 * 0.767, rel_tol=1e-9), str(atoms))
    return atoms


def compare_forms(db):
    xyz = read_frames(db, "xyz", ".xyz", "extxyz")
    check("xyz: types and ids come along", len(set(xyz.arrays["id"])) == 300
          and {*zip(xyz.arrays["label"], xyz.arrays["type"])} == {("L", 1), ("S", 2)})
    check("xyz: it says what it is of", xyz.info["replica"] == 4 and xyz.info["configuration"] == "inherent"
          and xyz.info["ensemble"] == "hot" and isinstance(xyz.info["temperature"], float), str(xyz.info))
    for form, ase_format in (("data", "lammps-data"), ("dump", "lammps-dump-text")):
        atoms = read_frames(db, form, "." + form, ase_format)
        distance = abs(atoms.get_all_distances(mic=True)[0] - xyz.get_all_distances(mic=True)[0]).max()
        check(f"{form}: the same distances as xyz", distance < 1e-9, str(distance))


def main():
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        with open("tiny.yaml", "w") as out:
            out.write(open(campaign).read().replace("pdf_inherent: 500}", "pdf_inherent: 500, frame_inherent: 5000}"))
        run("run", "tiny.yaml", "--workers", "2", "--no-progress")
        run_examples("tiny.db")
        compare_forms("tiny.db")
    return 1 if failures else 0


sys.exit(main())
