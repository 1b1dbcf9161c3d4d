PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE campaign (
    campaign  INTEGER NOT NULL PRIMARY KEY CHECK (campaign >= 1),  -- number in this file, from 1; not part of the hash
    name      TEXT NOT NULL UNIQUE,
    seed      INTEGER NOT NULL                                     -- 64 bits; negative here means 2^63 and more
) STRICT;
CREATE TABLE ensemble (
    campaign         INTEGER NOT NULL REFERENCES campaign,
    ensemble         INTEGER NOT NULL CHECK (ensemble >= 0),   -- place in the campaign file, from 0
    name             TEXT NOT NULL,
    mode             TEXT NOT NULL,                            -- isotherm | tempering
    atoms            INTEGER NOT NULL CHECK (atoms > 0),
    atoms_small      INTEGER NOT NULL CHECK (atoms_small BETWEEN 0 AND atoms),
    volume_per_atom  REAL NOT NULL,                            -- sigma^3
    potential        TEXT NOT NULL,
    cut              TEXT NOT NULL,                            -- shifted | truncated | force_shifted
    cutoff           REAL NOT NULL,                            -- sigma
    dt               REAL NOT NULL,                            -- tau
    thermostat       TEXT NOT NULL,
    thermostat_tau   REAL NOT NULL,                            -- tau
    segment_steps    INTEGER NOT NULL CHECK (segment_steps > 0),
    spec             BLOB NOT NULL CHECK (length(spec) = 32), identity_every INTEGER CHECK (identity_every > 0), identity_attempts INTEGER CHECK (identity_attempts > 0), eos_geometry TEXT, eos_volume_first REAL CHECK (eos_volume_first > 0), eos_volume_step REAL CHECK (eos_volume_step > 0),
    PRIMARY KEY (campaign, ensemble)
) STRICT, WITHOUT ROWID;
CREATE TABLE replica (
    campaign    INTEGER NOT NULL,
    replica     INTEGER NOT NULL CHECK (replica >= 0),
    ensemble    INTEGER NOT NULL,
    rung_first  INTEGER NOT NULL,
    copy        INTEGER NOT NULL CHECK (copy >= 0),            -- 0 .. replicas per rung - 1
    PRIMARY KEY (campaign, replica),
    FOREIGN KEY (campaign, ensemble, rung_first) REFERENCES rung (campaign, ensemble, rung)
) STRICT, WITHOUT ROWID;
CREATE TABLE segment (
    campaign           INTEGER NOT NULL,
    replica            INTEGER NOT NULL,
    segment            INTEGER NOT NULL,                       -- < 0: preparation
    rung               INTEGER NOT NULL CHECK (rung >= 0),     -- where it ran
    stage              TEXT NOT NULL,                          -- build | hold | ramp
    step_first         INTEGER NOT NULL,                       -- step of the configuration it began with
    steps              INTEGER NOT NULL CHECK (steps >= 0),
    temperature_first  REAL,                                   -- epsilon/k_B, at step_first; NULL for a build
    temperature_last   REAL,                                   -- at step_first + steps, linear in between
    input              BLOB NOT NULL CHECK (length(input) = 32),     -- digest of all that its bits depend on
    output             BLOB NOT NULL CHECK (length(output) = 32),    -- digest of all that it found
    snapshot           BLOB NOT NULL CHECK (length(snapshot) = 32),  -- digest of the state it ended in
    energy_potential   REAL NOT NULL,                          -- epsilon, total, of that state
    engine             INTEGER NOT NULL, identity_attempts INTEGER CHECK (identity_attempts > 0), identity_accepted INTEGER
    CHECK (identity_accepted BETWEEN 0 AND identity_attempts),                       -- engine id of the arithmetic
    PRIMARY KEY (campaign, replica, segment),
    FOREIGN KEY (campaign, replica) REFERENCES replica
) STRICT, WITHOUT ROWID;
CREATE TABLE exchange (
    campaign      INTEGER NOT NULL,
    ensemble      INTEGER NOT NULL,
    round         INTEGER NOT NULL CHECK (round >= 0),
    rung_cold     INTEGER NOT NULL,
    replica_cold  INTEGER NOT NULL,                            -- on rung_cold before the swap
    replica_hot   INTEGER NOT NULL,
    energy_cold   REAL NOT NULL,                               -- epsilon, total, of replica_cold
    energy_hot    REAL NOT NULL,
    log_weight    REAL NOT NULL,                               -- (beta_cold - beta_hot)(energy_cold - energy_hot)
    uniform       REAL NOT NULL,                               -- accepted where uniform < exp(log_weight)
    accepted      INTEGER NOT NULL CHECK (accepted IN (0, 1)),
    PRIMARY KEY (campaign, ensemble, round, rung_cold),
    FOREIGN KEY (campaign, ensemble, rung_cold) REFERENCES rung (campaign, ensemble, rung),
    FOREIGN KEY (campaign, replica_cold, round) REFERENCES segment (campaign, replica, segment),
    FOREIGN KEY (campaign, replica_hot, round) REFERENCES segment (campaign, replica, segment)
) STRICT, WITHOUT ROWID;
CREATE TABLE sample_thermal (
    campaign          INTEGER NOT NULL,
    replica           INTEGER NOT NULL,
    segment           INTEGER NOT NULL,
    step              INTEGER NOT NULL,
    energy_potential  REAL NOT NULL,                           -- epsilon per atom
    energy_kinetic    REAL NOT NULL,                           -- epsilon per atom
    temperature       REAL NOT NULL,                           -- epsilon/k_B, kinetic
    pressure          REAL NOT NULL,                           -- epsilon/sigma^3
    PRIMARY KEY (campaign, replica, segment, step),
    FOREIGN KEY (campaign, replica, segment) REFERENCES segment
) STRICT, WITHOUT ROWID;
CREATE TABLE sample_inherent (
    campaign            INTEGER NOT NULL,
    replica             INTEGER NOT NULL,
    segment             INTEGER NOT NULL,
    step                INTEGER NOT NULL,
    energy_inherent     REAL NOT NULL,                         -- epsilon per atom
    force_max_inherent  REAL NOT NULL,                         -- epsilon/sigma
    converged           REAL NOT NULL,                         -- 1: yes, 0: stalled at force_max_inherent
    iterations          REAL NOT NULL,                         -- force evaluations
    pressure_inherent   REAL NOT NULL,                         -- epsilon/sigma^3
    ico_fraction        REAL NOT NULL,                         -- of all atoms
    ico_fraction_small  REAL NOT NULL,                         -- of small atoms
    ico_fraction_large  REAL NOT NULL, fk_z14                     REAL, fk_z15                     REAL, fk_z16                     REAL, bonds_n4                   REAL, bonds_n5                   REAL, bonds_n6                   REAL, laves_fraction             REAL, laves_cubic                REAL, laves_hexagonal            REAL, laves_largest              REAL, close_packed_largest       REAL, ico_cluster_largest        REAL, ico_cluster_weight_average REAL, ico_percolates             REAL, b2_largest REAL,                         -- of large atoms
    PRIMARY KEY (campaign, replica, segment, step),
    FOREIGN KEY (campaign, replica, segment) REFERENCES segment
) STRICT, WITHOUT ROWID;
CREATE TABLE pdf (
    campaign   INTEGER NOT NULL,
    replica    INTEGER NOT NULL,
    segment    INTEGER NOT NULL,
    kind       TEXT NOT NULL,                                  -- thermal | inherent
    step_last  INTEGER NOT NULL,                               -- of the last frame counted
    frames     INTEGER NOT NULL CHECK (frames > 0),
    bin        REAL NOT NULL,                                  -- sigma
    bins       INTEGER NOT NULL CHECK (bins > 0),
    counts     BLOB NOT NULL CHECK (length(counts) = 24 * bins),  -- little-endian 64 bits, pairs LL, LS, SS x bins
    digest     BLOB NOT NULL CHECK (length(digest) = 32),         -- of counts
    PRIMARY KEY (campaign, replica, segment, kind),
    FOREIGN KEY (campaign, replica, segment) REFERENCES segment
) STRICT;
CREATE TABLE frame (
    campaign  INTEGER NOT NULL,
    replica   INTEGER NOT NULL,
    segment   INTEGER NOT NULL,
    step      INTEGER NOT NULL,
    kind      TEXT NOT NULL,                                   -- thermal | inherent
    digest    BLOB NOT NULL CHECK (length(digest) = 32),
    PRIMARY KEY (campaign, replica, segment, step, kind),
    FOREIGN KEY (campaign, replica, segment) REFERENCES segment
) STRICT, WITHOUT ROWID;
CREATE TABLE quantity (
    name        TEXT NOT NULL PRIMARY KEY,
    place       INTEGER NOT NULL,                              -- order in the table
    kind        TEXT NOT NULL,                                 -- thermal | inherent: sample_thermal or sample_inherent
    symbol      TEXT NOT NULL,
    unit        TEXT NOT NULL,
    definition  TEXT NOT NULL
, reference TEXT NOT NULL DEFAULT '') STRICT, WITHOUT ROWID;
CREATE TABLE lineage (
    one         INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    lineage     BLOB NOT NULL CHECK (length(lineage) = 16),
    created_us  INTEGER NOT NULL                               -- microseconds since 1970 UTC; so are all *_us
) STRICT;
INSERT INTO lineage VALUES(1,X'00000000000000000000000000000000',0);
CREATE TABLE epoch (
    epoch       INTEGER NOT NULL PRIMARY KEY CHECK (epoch >= 1),
    host        TEXT NOT NULL,
    pid         INTEGER NOT NULL,
    started_us  INTEGER NOT NULL
) STRICT;
CREATE TABLE campaign_version (
    campaign  INTEGER NOT NULL REFERENCES campaign,
    version   INTEGER NOT NULL CHECK (version >= 1),
    path      TEXT NOT NULL,
    text      TEXT NOT NULL,
    digest    BLOB NOT NULL CHECK (length(digest) = 32),       -- of text
    added_us  INTEGER NOT NULL,
    PRIMARY KEY (campaign, version)
) STRICT;
CREATE TABLE campaign_plan (
    campaign             INTEGER NOT NULL PRIMARY KEY REFERENCES campaign,
    state                TEXT NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'paused', 'cancelled')),
    disk_bytes_max       INTEGER NOT NULL,                     -- 0 = no budget
    snapshot_keep_every  INTEGER NOT NULL                      -- every k-th snapshot stays; 0 = none for that reason
) STRICT;
CREATE TABLE ensemble_plan (
    campaign              INTEGER NOT NULL,
    ensemble              INTEGER NOT NULL,
    steps                 INTEGER NOT NULL,                    -- of production
    thermal_every         INTEGER NOT NULL,                    -- steps; 0 = never
    inherent_every        INTEGER NOT NULL,
    pdf_every             INTEGER NOT NULL,
    pdf_inherent_every    INTEGER NOT NULL,
    frame_every           INTEGER NOT NULL,
    frame_inherent_every  INTEGER NOT NULL, structure_every INTEGER NOT NULL DEFAULT 0, displacement_every INTEGER NOT NULL DEFAULT 0, relaxation_every INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (campaign, ensemble),
    FOREIGN KEY (campaign, ensemble) REFERENCES ensemble
) STRICT, WITHOUT ROWID;
CREATE TABLE replica_plan (
    campaign             INTEGER NOT NULL,
    replica              INTEGER NOT NULL,
    prepare_segments     INTEGER NOT NULL,                     -- they are -n .. -1
    production_segments  INTEGER NOT NULL,                     -- they are 0 .. n - 1
    PRIMARY KEY (campaign, replica),
    FOREIGN KEY (campaign, replica) REFERENCES replica
) STRICT, WITHOUT ROWID;
CREATE TABLE snapshot (
    campaign  INTEGER NOT NULL,
    replica   INTEGER NOT NULL,
    segment   INTEGER NOT NULL,
    digest    BLOB NOT NULL CHECK (length(digest) = 32),
    bytes     BLOB NOT NULL,
    PRIMARY KEY (campaign, replica, segment),
    FOREIGN KEY (campaign, replica, segment) REFERENCES segment
) STRICT;
CREATE TABLE snapshot_prunable (
    campaign  INTEGER NOT NULL,
    replica   INTEGER NOT NULL,
    segment   INTEGER NOT NULL,
    PRIMARY KEY (campaign, replica, segment),
    FOREIGN KEY (campaign, replica, segment) REFERENCES snapshot
) STRICT, WITHOUT ROWID;
CREATE TABLE frame_bytes (
    campaign  INTEGER NOT NULL,
    replica   INTEGER NOT NULL,
    segment   INTEGER NOT NULL,
    step      INTEGER NOT NULL,
    kind      TEXT NOT NULL,
    bytes     BLOB NOT NULL,                                   -- must have the digest of the frame
    PRIMARY KEY (campaign, replica, segment, step, kind),
    FOREIGN KEY (campaign, replica, segment, step, kind) REFERENCES frame
) STRICT;
CREATE TABLE host (
    host           INTEGER PRIMARY KEY,
    name           TEXT NOT NULL UNIQUE,
    trust          TEXT NOT NULL DEFAULT 'trusted' CHECK (trust IN ('trusted', 'quarantined', 'revoked')),
    first_seen_us  INTEGER NOT NULL
) STRICT;
CREATE TABLE worker (
    worker         INTEGER PRIMARY KEY,
    uuid           BLOB NOT NULL CHECK (length(uuid) = 16),
    host           INTEGER NOT NULL REFERENCES host,
    cpu            TEXT NOT NULL,
    isa            TEXT NOT NULL,
    build          TEXT NOT NULL,
    engine         INTEGER NOT NULL,
    first_seen_us  INTEGER NOT NULL,
    UNIQUE (uuid, host, cpu, isa, build, engine)
) STRICT;
CREATE TABLE provenance (
    campaign      INTEGER NOT NULL,
    replica       INTEGER NOT NULL,
    segment       INTEGER NOT NULL,
    generation    INTEGER NOT NULL DEFAULT 0,                  -- 0; one more for each retraction before it was stored
    worker        INTEGER NOT NULL REFERENCES worker,
    token         INTEGER NOT NULL,                            -- epoch << 32 | counter of the lease
    cpu_time_ns   INTEGER NOT NULL,
    wall_time_ns  INTEGER NOT NULL,
    stored_us     INTEGER NOT NULL,
    PRIMARY KEY (campaign, replica, segment),
    FOREIGN KEY (campaign, replica, segment) REFERENCES segment
) STRICT, WITHOUT ROWID;
CREATE TABLE retraction (
    campaign       INTEGER NOT NULL,
    replica        INTEGER NOT NULL,
    generation     INTEGER NOT NULL CHECK (generation >= 1),
    segment_first  INTEGER NOT NULL,
    reason         TEXT NOT NULL,
    retracted_us   INTEGER NOT NULL,
    PRIMARY KEY (campaign, replica, generation),
    FOREIGN KEY (campaign, replica) REFERENCES replica
) STRICT, WITHOUT ROWID;
CREATE TABLE event (
    event        INTEGER PRIMARY KEY,
    campaign     INTEGER REFERENCES campaign,                  -- NULL: of the whole file
    kind         TEXT NOT NULL,
    text         TEXT NOT NULL,
    happened_us  INTEGER NOT NULL
) STRICT;
CREATE TABLE audit (
    campaign    INTEGER NOT NULL,
    replica     INTEGER NOT NULL,
    segment     INTEGER NOT NULL,
    host        TEXT NOT NULL,
    worker      BLOB NOT NULL CHECK (length(worker) = 16),
    audited_us  INTEGER NOT NULL,
    PRIMARY KEY (campaign, replica, segment),
    FOREIGN KEY (campaign, replica, segment) REFERENCES segment
) STRICT, WITHOUT ROWID;
CREATE TABLE worker_quarantine (
    worker          BLOB NOT NULL PRIMARY KEY CHECK (length(worker) = 16),
    host            TEXT NOT NULL,
    quarantined_us  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS "rung" (
    campaign     INTEGER NOT NULL,
    ensemble     INTEGER NOT NULL,
    rung         INTEGER NOT NULL CHECK (rung >= 0),
    temperature  REAL NOT NULL CHECK (temperature >= 0),       -- epsilon/k_B; 0: static energies
    PRIMARY KEY (campaign, ensemble, rung),
    FOREIGN KEY (campaign, ensemble) REFERENCES ensemble
) STRICT, WITHOUT ROWID;
CREATE TABLE phase (
    campaign     INTEGER NOT NULL,
    replica      INTEGER NOT NULL,
    name         TEXT NOT NULL,
    crystal      TEXT NOT NULL,                                -- fcc | hcp | b2 | c11b | c14 | c15 | c36
    sites        TEXT NOT NULL,                                -- L or S for each orbit, or for each atom of the cell
    atoms        INTEGER NOT NULL CHECK (atoms > 0),           -- of the cell
    atoms_small  INTEGER NOT NULL CHECK (atoms_small BETWEEN 0 AND atoms),
    PRIMARY KEY (campaign, replica),
    FOREIGN KEY (campaign, replica) REFERENCES replica
) STRICT, WITHOUT ROWID;
CREATE TABLE sample_static (
    campaign         INTEGER NOT NULL,
    replica          INTEGER NOT NULL,
    segment          INTEGER NOT NULL,
    step             INTEGER NOT NULL,                         -- the step-th volume, from 1
    volume           REAL NOT NULL,                            -- sigma^3
    energy_static    REAL NOT NULL,                            -- epsilon
    pressure_static  REAL NOT NULL,                            -- epsilon/sigma^3
    c_over_a         REAL NOT NULL,                            -- 1 where the crystal is cubic
    shape_held       REAL NOT NULL,                            -- 1: not stable here, held near its ideal shape; 0: free
    PRIMARY KEY (campaign, replica, segment, step),
    FOREIGN KEY (campaign, replica, segment) REFERENCES segment
) STRICT, WITHOUT ROWID;
CREATE TABLE glass (
    campaign     INTEGER NOT NULL REFERENCES campaign,
    source       TEXT NOT NULL,                                -- as written: an ensemble, or campaign/ensemble
    temperature  REAL NOT NULL CHECK (temperature > 0),        -- epsilon/k_B
    quenches     INTEGER NOT NULL CHECK (quenches > 0),        -- that it is the mean of
    definition   TEXT NOT NULL,
    PRIMARY KEY (campaign, source)
) STRICT, WITHOUT ROWID;
CREATE TABLE sample_structure (
    campaign                             INTEGER NOT NULL,
    replica                              INTEGER NOT NULL,
    segment                              INTEGER NOT NULL,
    step                                 INTEGER NOT NULL,
    bonds_n3                             REAL NOT NULL, -- bonds (Voronoi faces) with three edges over all bonds
    bonds_n7                             REAL NOT NULL, -- bonds with seven edges over all bonds
    bonds_n8                             REAL NOT NULL, -- bonds with eight edges over all bonds
    close_packed_fraction                REAL NOT NULL, -- large atoms that are fcc or hcp by adaptive common-neighbour analysis, over all atoms
    ico_clusters                         REAL NOT NULL, -- clusters of icosahedral atoms connected by Voronoi faces, single atoms included
    ico_radius_of_gyration               REAL NOT NULL, -- sigma: radius of gyration of the largest icosahedral cluster, unwrapped
    ico_length                           REAL NOT NULL, -- sigma: correlation length of the icosahedral field
    ico_length_error                     REAL NOT NULL, -- sigma: one standard error of ico_length
    ico_length_resolved                  REAL NOT NULL, -- 1: ico_length has a finite S_0; 0: too few q, or xi beyond the box
    ico_amplitude                        REAL NOT NULL, -- structure factor of the icosahedral field at q = 0 by the fit of ico_length
    laves_clusters                       REAL NOT NULL, -- crystallites: clusters of Laves atoms connected by Voronoi faces
    laves_cluster_weight_average         REAL NOT NULL, -- atoms in the crystallite of a Laves atom, on average
    close_packed_clusters                REAL NOT NULL, -- crystallites
    close_packed_cluster_weight_average  REAL NOT NULL, -- atoms in the crystallite of a close-packed large atom, on average
    structure_factor_q1                  REAL NOT NULL, -- 1/sigma: wave number of the main peak of S(q), all atoms alike
    structure_factor_peak                REAL NOT NULL, -- S(q), smoothed, at its main peak
    energy_local_large                   REAL NOT NULL, -- epsilon: mean energy of a large atom
    energy_local_small                   REAL NOT NULL, -- epsilon: mean energy of a small atom, likewise
    volume_local_large                   REAL NOT NULL, -- sigma^3: mean volume of the plain Voronoi cell of a large atom
    volume_local_small                   REAL NOT NULL, -- sigma^3: mean volume of the plain Voronoi cell of a small atom, likewise
    PRIMARY KEY (campaign, replica, segment, step),
    FOREIGN KEY (campaign, replica, segment) REFERENCES segment
) STRICT, WITHOUT ROWID;
CREATE TABLE sample_dynamics (
    campaign                  INTEGER NOT NULL,
    replica                   INTEGER NOT NULL,
    segment                   INTEGER NOT NULL,
    step                      INTEGER NOT NULL,
    lag                       REAL NOT NULL, -- step: steps between the two inherent structures
    displacement_mean_square  REAL NOT NULL, -- sigma^2: mean square displacement between the inherent structures
    displacement_largest      REAL NOT NULL, -- sigma: largest displacement of an atom
    non_gaussian              REAL NOT NULL, -- 3 <r^4> / (5 <r^2>^2) - 1
    moved_01                  REAL NOT NULL, -- atoms that moved by more than 0.1 sigma over all atoms
    moved_02                  REAL NOT NULL, -- atoms that moved by more than 0.2 sigma over all atoms
    moved_03                  REAL NOT NULL, -- atoms that moved by more than 0.3 sigma over all atoms: movers
    moved_05                  REAL NOT NULL, -- atoms that moved by more than 0.5 sigma over all atoms
    moved_07                  REAL NOT NULL, -- atoms that moved by more than 0.7 sigma over all atoms
    moved_10                  REAL NOT NULL, -- atoms that moved by more than 1 sigma over all atoms
    movers_laves              REAL NOT NULL, -- movers among the atoms that were Laves atoms before, over these
    movers_close_packed       REAL NOT NULL, -- movers among the close-packed atoms, likewise
    movers_ico                REAL NOT NULL, -- movers among the icosahedral atoms, likewise
    movers_interface          REAL NOT NULL, -- movers among the atoms at a crystal's border, likewise
    movers_other              REAL NOT NULL, -- movers among the other atoms, likewise
    strings                   REAL NOT NULL, -- string-like clusters of movers, single movers included
    string_largest            REAL NOT NULL, -- movers in the longest string
    string_weight_average     REAL NOT NULL, -- movers in the string of a mover, on average
    overlap_self              REAL NOT NULL, -- atoms that moved by less than 0.3 sigma over all atoms
    overlap_collective        REAL NOT NULL, -- pairs of an atom before and any atom after, nearer than 0.3 sigma, over all atoms
    scattering_q              REAL NOT NULL, -- 1/sigma: wave number of F_s
    scattering_self           REAL NOT NULL, -- self-intermediate scattering function of all atoms between the inherent structures
    scattering_self_large     REAL NOT NULL, -- the same of large atoms
    scattering_self_small     REAL NOT NULL, -- the same of small atoms
    PRIMARY KEY (campaign, replica, segment, step),
    FOREIGN KEY (campaign, replica, segment) REFERENCES segment
) STRICT, WITHOUT ROWID;
CREATE TABLE sample_array (
    campaign  INTEGER NOT NULL,
    replica   INTEGER NOT NULL,
    segment   INTEGER NOT NULL,
    step      INTEGER NOT NULL,
    array     TEXT NOT NULL,
    rows      INTEGER NOT NULL CHECK (rows >= 0),
    cells     BLOB NOT NULL CHECK (length(cells) % 8 = 0),
    digest    BLOB NOT NULL CHECK (length(digest) = 32),         -- of cells
    PRIMARY KEY (campaign, replica, segment, step, array),
    FOREIGN KEY (campaign, replica, segment) REFERENCES segment
) STRICT;
CREATE TABLE array (
    name        TEXT NOT NULL PRIMARY KEY,
    place       INTEGER NOT NULL,                              -- order in the table
    kind        TEXT NOT NULL,                                 -- structure | dynamics
    columns     TEXT NOT NULL,                                 -- names, separated by spaces
    keys        INTEGER NOT NULL,                              -- so many of them, the first, say what a row is about
    units       TEXT NOT NULL,                                 -- of the columns, separated by spaces
    definition  TEXT NOT NULL,
    reference   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE sample_relaxation (
    campaign               INTEGER NOT NULL,
    replica                INTEGER NOT NULL,
    segment                INTEGER NOT NULL,
    step                   INTEGER NOT NULL,
    relaxation_window      REAL NOT NULL, -- steps of the window; a time that is not reached in it has this value
    relaxation_q           REAL NOT NULL, -- 1/sigma: wave number of F_s
    relaxation_time        REAL NOT NULL, -- steps: F_s has fallen to 1/e
    relaxation_reached     REAL NOT NULL, -- 1: it has in the window; 0: relaxation_time is a lower bound
    overlap_time           REAL NOT NULL, -- steps: the overlap less chance has fallen to 1/e
    overlap_reached        REAL NOT NULL, -- 1: it has in the window; 0: overlap_time is a lower bound
    independence_wait      REAL NOT NULL, -- steps: both have fallen to 1/e^2
    independence_reached   REAL NOT NULL, -- 1: they have in the window; 0: independence_wait is a lower bound
    PRIMARY KEY (campaign, replica, segment, step),
    FOREIGN KEY (campaign, replica, segment) REFERENCES segment
) STRICT, WITHOUT ROWID;
CREATE INDEX exchange_by_replica_cold ON exchange (campaign, replica_cold, round);
CREATE INDEX exchange_by_replica_hot ON exchange (campaign, replica_hot, round);
CREATE INDEX snapshot_by_digest ON snapshot (digest);
CREATE INDEX provenance_by_time ON provenance (stored_us);
CREATE VIEW v_segments AS
SELECT s.campaign, c.name AS campaign_name, r.ensemble, e.name AS ensemble_name, e.mode, s.replica, s.rung, s.segment,
       s.stage, s.step_first, s.steps, s.temperature_first, s.temperature_last, e.dt, s.energy_potential,
       lower(hex(s.input)) AS input, lower(hex(s.output)) AS output, lower(hex(s.snapshot)) AS snapshot,
       w.build, w.isa, h.name AS host, w.cpu, p.cpu_time_ns * 1e-9 AS cpu_time_s, p.wall_time_ns * 1e-9 AS wall_time_s,
       p.stored_us
FROM segment s
JOIN replica r ON r.campaign = s.campaign AND r.replica = s.replica
JOIN campaign c ON c.campaign = s.campaign
JOIN ensemble e ON e.campaign = s.campaign AND e.ensemble = r.ensemble
LEFT JOIN provenance p ON p.campaign = s.campaign AND p.replica = s.replica AND p.segment = s.segment
LEFT JOIN worker w ON w.worker = p.worker
LEFT JOIN host h ON h.host = w.host;
CREATE VIEW v_pdf AS
SELECT p.campaign, c.name AS campaign_name, r.ensemble, e.name AS ensemble_name, p.replica, s.rung,
       s.temperature_last AS temperature_set, p.segment, p.kind, p.step_last, p.step_last * e.dt AS tau,
       p.step_last * 1e-9 AS us, p.frames, p.bin, p.bins, p.counts
FROM pdf p
JOIN segment s ON s.campaign = p.campaign AND s.replica = p.replica AND s.segment = p.segment
JOIN replica r ON r.campaign = p.campaign AND r.replica = p.replica
JOIN campaign c ON c.campaign = p.campaign
JOIN ensemble e ON e.campaign = p.campaign AND e.ensemble = r.ensemble;
CREATE VIEW v_eos AS
SELECT t.campaign, c.name AS campaign_name, r.ensemble, e.name AS ensemble_name, t.replica, p.name AS phase, p.crystal,
       p.sites, cast(p.atoms_small AS REAL) / p.atoms AS small_fraction, e.eos_geometry AS geometry, e.cut, t.step,
       t.volume, t.energy_static, t.pressure_static, t.c_over_a, t.shape_held
FROM sample_static t
JOIN phase p ON p.campaign = t.campaign AND p.replica = t.replica
JOIN replica r ON r.campaign = t.campaign AND r.replica = t.replica
JOIN campaign c ON c.campaign = t.campaign
JOIN ensemble e ON e.campaign = t.campaign AND e.ensemble = r.ensemble;
CREATE VIEW v_exchange AS
SELECT x.campaign, c.name AS campaign_name, x.ensemble, e.name AS ensemble_name, x.rung_cold,
       lo.temperature AS temperature_cold, hi.temperature AS temperature_hot, count(*) AS attempts,
       sum(x.accepted) AS accepted, avg(x.accepted) AS acceptance,
       avg(exp(min(x.log_weight, 0.0))) AS probability
FROM exchange x
JOIN campaign c ON c.campaign = x.campaign
JOIN ensemble e ON e.campaign = x.campaign AND e.ensemble = x.ensemble
JOIN rung lo ON lo.campaign = x.campaign AND lo.ensemble = x.ensemble AND lo.rung = x.rung_cold
JOIN rung hi ON hi.campaign = x.campaign AND hi.ensemble = x.ensemble AND hi.rung = x.rung_cold + 1
GROUP BY x.campaign, x.ensemble, x.rung_cold;
CREATE VIEW v_identity AS
SELECT s.campaign, c.name AS campaign_name, r.ensemble, e.name AS ensemble_name, s.rung,
       g.temperature AS temperature_set, sum(s.identity_attempts) AS attempts, sum(s.identity_accepted) AS accepted,
       CAST(sum(s.identity_accepted) AS REAL) / sum(s.identity_attempts) AS acceptance
FROM segment s
JOIN replica r ON r.campaign = s.campaign AND r.replica = s.replica
JOIN campaign c ON c.campaign = s.campaign
JOIN ensemble e ON e.campaign = s.campaign AND e.ensemble = r.ensemble
JOIN rung g ON g.campaign = s.campaign AND g.ensemble = r.ensemble AND g.rung = s.rung
WHERE s.identity_attempts IS NOT NULL
GROUP BY s.campaign, r.ensemble, s.rung;
CREATE VIEW v_ttt_runs AS
SELECT r.campaign, c.name AS campaign_name, r.ensemble, e.name AS ensemble_name, r.replica, r.copy,
       g.temperature AS temperature_set, e.atoms, e.atoms_small,
       cast(e.atoms_small AS REAL) / e.atoms AS small_fraction, e.volume_per_atom,
       lower(hex(z.snapshot)) AS start, s.step_first + s.steps AS step_last,
       (s.step_first + s.steps) * e.dt AS tau_last, (s.step_first + s.steps) * 1e-9 AS us_last
FROM replica r
JOIN campaign c ON c.campaign = r.campaign
JOIN ensemble e ON e.campaign = r.campaign AND e.ensemble = r.ensemble AND e.mode = 'isotherm'
JOIN rung g ON g.campaign = r.campaign AND g.ensemble = r.ensemble AND g.rung = r.rung_first
JOIN segment z ON z.campaign = r.campaign AND z.replica = r.replica AND z.segment = -1
JOIN segment s ON s.campaign = r.campaign AND s.replica = r.replica
    AND s.segment = (SELECT max(segment) FROM segment WHERE campaign = r.campaign AND replica = r.replica AND stage = 'hold')
WHERE s.segment >= 0;
CREATE VIEW v_arrays AS
SELECT s.campaign, c.name AS campaign_name, r.ensemble, e.name AS ensemble_name, a.replica, s.rung, s.segment, a.step,
       a.step * e.dt AS tau, a.step * 1e-9 AS us,
       s.temperature_first + (s.temperature_last - s.temperature_first)
           * (a.step - s.step_first) / max(s.steps, 1) AS temperature_set,
       a.array, q.columns, a.rows, a.cells
FROM sample_array a
JOIN array q ON q.name = a.array
JOIN segment s ON s.campaign = a.campaign AND s.replica = a.replica AND s.segment = a.segment
JOIN replica r ON r.campaign = a.campaign AND r.replica = a.replica
JOIN campaign c ON c.campaign = a.campaign
JOIN ensemble e ON e.campaign = a.campaign AND e.ensemble = r.ensemble;
CREATE VIEW v_samples AS
SELECT s.campaign, c.name AS campaign_name, r.ensemble, e.name AS ensemble_name, e.mode, s.replica, s.rung, s.segment,
       s.stage, 'thermal' AS kind, t.step, t.step * e.dt AS tau, t.step * 1e-9 AS us,
       s.temperature_first + (s.temperature_last - s.temperature_first)
           * (t.step - s.step_first) / max(s.steps, 1) AS temperature_set,
       t.energy_potential, t.energy_kinetic, t.temperature, t.pressure, NULL AS energy_inherent,
       NULL AS force_max_inherent, NULL AS converged, NULL AS iterations, NULL AS pressure_inherent,
       NULL AS ico_fraction, NULL AS ico_fraction_small, NULL AS ico_fraction_large, NULL AS fk_z14, NULL AS fk_z15,
       NULL AS fk_z16, NULL AS bonds_n4, NULL AS bonds_n5, NULL AS bonds_n6, NULL AS laves_fraction,
       NULL AS laves_cubic, NULL AS laves_hexagonal, NULL AS laves_largest, NULL AS close_packed_largest,
       NULL AS ico_cluster_largest, NULL AS ico_cluster_weight_average, NULL AS ico_percolates,
       NULL AS b2_largest, NULL AS bonds_n3, NULL AS bonds_n7, NULL AS bonds_n8, NULL AS close_packed_fraction, NULL AS
       ico_clusters, NULL AS ico_radius_of_gyration, NULL AS ico_length, NULL AS ico_length_error, NULL AS
       ico_length_resolved, NULL AS ico_amplitude, NULL AS laves_clusters, NULL AS laves_cluster_weight_average, NULL
       AS close_packed_clusters, NULL AS close_packed_cluster_weight_average, NULL AS structure_factor_q1, NULL AS
       structure_factor_peak, NULL AS energy_local_large, NULL AS energy_local_small, NULL AS volume_local_large, NULL
       AS volume_local_small, NULL AS lag, NULL AS displacement_mean_square, NULL AS displacement_largest, NULL AS
       non_gaussian, NULL AS moved_01, NULL AS moved_02, NULL AS moved_03, NULL AS moved_05, NULL AS moved_07, NULL AS
       moved_10, NULL AS movers_laves, NULL AS movers_close_packed, NULL AS movers_ico, NULL AS movers_interface, NULL
       AS movers_other, NULL AS strings, NULL AS string_largest, NULL AS string_weight_average, NULL AS overlap_self,
       NULL AS overlap_collective, NULL AS scattering_q, NULL AS scattering_self, NULL AS scattering_self_large, NULL
       AS scattering_self_small,
       NULL AS relaxation_window, NULL AS relaxation_q, NULL AS relaxation_time, NULL AS relaxation_reached,
       NULL AS overlap_time, NULL AS overlap_reached, NULL AS independence_wait, NULL AS independence_reached
FROM segment s
JOIN sample_thermal t ON t.campaign = s.campaign AND t.replica = s.replica AND t.segment = +s.segment
JOIN replica r ON r.campaign = s.campaign AND r.replica = s.replica
JOIN campaign c ON c.campaign = s.campaign
JOIN ensemble e ON e.campaign = s.campaign AND e.ensemble = r.ensemble
UNION ALL
SELECT s.campaign, c.name, r.ensemble, e.name, e.mode, s.replica, s.rung, s.segment,
       s.stage, 'inherent', t.step, t.step * e.dt, t.step * 1e-9,
       s.temperature_first + (s.temperature_last - s.temperature_first)
           * (t.step - s.step_first) / max(s.steps, 1),
       NULL, NULL, NULL, NULL, t.energy_inherent, t.force_max_inherent, t.converged, t.iterations,
       t.pressure_inherent, t.ico_fraction, t.ico_fraction_small, t.ico_fraction_large, t.fk_z14, t.fk_z15, t.fk_z16,
       t.bonds_n4, t.bonds_n5, t.bonds_n6, t.laves_fraction, t.laves_cubic, t.laves_hexagonal, t.laves_largest,
       t.close_packed_largest, t.ico_cluster_largest, t.ico_cluster_weight_average, t.ico_percolates,
       t.b2_largest, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM segment s
JOIN sample_inherent t ON t.campaign = s.campaign AND t.replica = s.replica AND t.segment = +s.segment
JOIN replica r ON r.campaign = s.campaign AND r.replica = s.replica
JOIN campaign c ON c.campaign = s.campaign
JOIN ensemble e ON e.campaign = s.campaign AND e.ensemble = r.ensemble
UNION ALL
SELECT s.campaign, c.name, r.ensemble, e.name, e.mode, s.replica, s.rung, s.segment,
       s.stage, 'structure', t.step, t.step * e.dt, t.step * 1e-9,
       s.temperature_first + (s.temperature_last - s.temperature_first)
           * (t.step - s.step_first) / max(s.steps, 1),
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, t.bonds_n3, t.bonds_n7, t.bonds_n8,
       t.close_packed_fraction, t.ico_clusters, t.ico_radius_of_gyration, t.ico_length, t.ico_length_error,
       t.ico_length_resolved, t.ico_amplitude, t.laves_clusters, t.laves_cluster_weight_average,
       t.close_packed_clusters, t.close_packed_cluster_weight_average, t.structure_factor_q1, t.structure_factor_peak,
       t.energy_local_large, t.energy_local_small, t.volume_local_large, t.volume_local_small, NULL, NULL, NULL, NULL,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       NULL, NULL,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM segment s
JOIN sample_structure t ON t.campaign = s.campaign AND t.replica = s.replica AND t.segment = +s.segment
JOIN replica r ON r.campaign = s.campaign AND r.replica = s.replica
JOIN campaign c ON c.campaign = s.campaign
JOIN ensemble e ON e.campaign = s.campaign AND e.ensemble = r.ensemble
UNION ALL
SELECT s.campaign, c.name, r.ensemble, e.name, e.mode, s.replica, s.rung, s.segment,
       s.stage, 'dynamics', t.step, t.step * e.dt, t.step * 1e-9,
       s.temperature_first + (s.temperature_last - s.temperature_first)
           * (t.step - s.step_first) / max(s.steps, 1),
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, t.lag, t.displacement_mean_square,
       t.displacement_largest, t.non_gaussian, t.moved_01, t.moved_02, t.moved_03, t.moved_05, t.moved_07, t.moved_10,
       t.movers_laves, t.movers_close_packed, t.movers_ico, t.movers_interface, t.movers_other, t.strings,
       t.string_largest, t.string_weight_average, t.overlap_self, t.overlap_collective, t.scattering_q,
       t.scattering_self, t.scattering_self_large, t.scattering_self_small,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM segment s
JOIN sample_dynamics t ON t.campaign = s.campaign AND t.replica = s.replica AND t.segment = +s.segment
JOIN replica r ON r.campaign = s.campaign AND r.replica = s.replica
JOIN campaign c ON c.campaign = s.campaign
JOIN ensemble e ON e.campaign = s.campaign AND e.ensemble = r.ensemble
UNION ALL
SELECT s.campaign, c.name, r.ensemble, e.name, e.mode, s.replica, s.rung, s.segment,
       s.stage, 'relaxation', t.step, t.step * e.dt, t.step * 1e-9,
       s.temperature_first + (s.temperature_last - s.temperature_first)
           * (t.step - s.step_first) / max(s.steps, 1),
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       t.relaxation_window, t.relaxation_q, t.relaxation_time, t.relaxation_reached, t.overlap_time, t.overlap_reached,
       t.independence_wait, t.independence_reached
FROM segment s
JOIN sample_relaxation t ON t.campaign = s.campaign AND t.replica = s.replica AND t.segment = +s.segment
JOIN replica r ON r.campaign = s.campaign AND r.replica = s.replica
JOIN campaign c ON c.campaign = s.campaign
JOIN ensemble e ON e.campaign = s.campaign AND e.ensemble = r.ensemble;
CREATE VIEW v_by_rung AS
SELECT campaign, campaign_name, ensemble, ensemble_name, mode, rung, min(temperature_set) AS temperature_set,
       count(energy_potential) AS samples_thermal, avg(energy_potential) AS energy_potential,
       avg(temperature) AS temperature, avg(pressure) AS pressure, count(energy_inherent) AS samples_inherent,
       avg(energy_inherent) AS energy_inherent, avg(ico_fraction) AS ico_fraction,
       avg(ico_fraction_small) AS ico_fraction_small, avg(ico_fraction_large) AS ico_fraction_large,
       avg(fk_z14) AS fk_z14, avg(fk_z15) AS fk_z15, avg(fk_z16) AS fk_z16, avg(bonds_n4) AS bonds_n4,
       avg(bonds_n5) AS bonds_n5, avg(bonds_n6) AS bonds_n6, avg(laves_fraction) AS laves_fraction,
       avg(laves_cubic) AS laves_cubic, avg(laves_hexagonal) AS laves_hexagonal, avg(laves_largest) AS laves_largest,
       avg(close_packed_largest) AS close_packed_largest, avg(ico_cluster_largest) AS ico_cluster_largest,
       avg(ico_cluster_weight_average) AS ico_cluster_weight_average, avg(ico_percolates) AS ico_percolates,
       avg(b2_largest) AS b2_largest, count(bonds_n3) AS samples_structure, avg(bonds_n3) AS bonds_n3, avg(bonds_n7) AS
       bonds_n7, avg(bonds_n8) AS bonds_n8, avg(close_packed_fraction) AS close_packed_fraction, avg(ico_clusters) AS
       ico_clusters, avg(ico_radius_of_gyration) AS ico_radius_of_gyration, avg(ico_length) AS ico_length,
       avg(ico_length_error) AS ico_length_error, avg(ico_length_resolved) AS ico_length_resolved, avg(ico_amplitude)
       AS ico_amplitude, avg(laves_clusters) AS laves_clusters, avg(laves_cluster_weight_average) AS
       laves_cluster_weight_average, avg(close_packed_clusters) AS close_packed_clusters,
       avg(close_packed_cluster_weight_average) AS close_packed_cluster_weight_average, avg(structure_factor_q1) AS
       structure_factor_q1, avg(structure_factor_peak) AS structure_factor_peak, avg(energy_local_large) AS
       energy_local_large, avg(energy_local_small) AS energy_local_small, avg(volume_local_large) AS
       volume_local_large, avg(volume_local_small) AS volume_local_small, count(lag) AS samples_dynamics, avg(lag) AS
       lag, avg(displacement_mean_square) AS displacement_mean_square, avg(displacement_largest) AS
       displacement_largest, avg(non_gaussian) AS non_gaussian, avg(moved_01) AS moved_01, avg(moved_02) AS moved_02,
       avg(moved_03) AS moved_03, avg(moved_05) AS moved_05, avg(moved_07) AS moved_07, avg(moved_10) AS moved_10,
       avg(movers_laves) AS movers_laves, avg(movers_close_packed) AS movers_close_packed, avg(movers_ico) AS
       movers_ico, avg(movers_interface) AS movers_interface, avg(movers_other) AS movers_other, avg(strings) AS
       strings, avg(string_largest) AS string_largest, avg(string_weight_average) AS string_weight_average,
       avg(overlap_self) AS overlap_self, avg(overlap_collective) AS overlap_collective, avg(scattering_q) AS
       scattering_q, avg(scattering_self) AS scattering_self, avg(scattering_self_large) AS scattering_self_large,
       avg(scattering_self_small) AS scattering_self_small,
       count(relaxation_time) AS samples_relaxation, avg(relaxation_window) AS relaxation_window,
       avg(relaxation_q) AS relaxation_q, avg(relaxation_time) AS relaxation_time,
       avg(relaxation_reached) AS relaxation_reached, avg(overlap_time) AS overlap_time,
       avg(overlap_reached) AS overlap_reached, avg(independence_wait) AS independence_wait,
       avg(independence_reached) AS independence_reached
FROM v_samples WHERE segment >= 0 AND (stage = 'hold' OR mode = 'quench')
GROUP BY campaign, ensemble, rung;
CREATE VIEW v_by_replica AS
SELECT campaign, campaign_name, ensemble, ensemble_name, mode, replica, count(DISTINCT rung) AS rungs,
       min(temperature_set) AS temperature_set_min, max(temperature_set) AS temperature_set_max,
       max(step) AS step_last, max(tau) AS tau_last,
       count(energy_potential) AS samples_thermal, avg(energy_potential) AS energy_potential,
       avg(temperature) AS temperature, avg(pressure) AS pressure, count(energy_inherent) AS samples_inherent,
       avg(energy_inherent) AS energy_inherent, avg(ico_fraction) AS ico_fraction,
       avg(ico_fraction_small) AS ico_fraction_small, avg(ico_fraction_large) AS ico_fraction_large,
       avg(fk_z14) AS fk_z14, avg(fk_z15) AS fk_z15, avg(fk_z16) AS fk_z16, avg(bonds_n4) AS bonds_n4,
       avg(bonds_n5) AS bonds_n5, avg(bonds_n6) AS bonds_n6, avg(laves_fraction) AS laves_fraction,
       avg(laves_cubic) AS laves_cubic, avg(laves_hexagonal) AS laves_hexagonal, avg(laves_largest) AS laves_largest,
       avg(close_packed_largest) AS close_packed_largest, avg(ico_cluster_largest) AS ico_cluster_largest,
       avg(ico_cluster_weight_average) AS ico_cluster_weight_average, avg(ico_percolates) AS ico_percolates,
       avg(b2_largest) AS b2_largest, count(bonds_n3) AS samples_structure, avg(bonds_n3) AS bonds_n3, avg(bonds_n7) AS
       bonds_n7, avg(bonds_n8) AS bonds_n8, avg(close_packed_fraction) AS close_packed_fraction, avg(ico_clusters) AS
       ico_clusters, avg(ico_radius_of_gyration) AS ico_radius_of_gyration, avg(ico_length) AS ico_length,
       avg(ico_length_error) AS ico_length_error, avg(ico_length_resolved) AS ico_length_resolved, avg(ico_amplitude)
       AS ico_amplitude, avg(laves_clusters) AS laves_clusters, avg(laves_cluster_weight_average) AS
       laves_cluster_weight_average, avg(close_packed_clusters) AS close_packed_clusters,
       avg(close_packed_cluster_weight_average) AS close_packed_cluster_weight_average, avg(structure_factor_q1) AS
       structure_factor_q1, avg(structure_factor_peak) AS structure_factor_peak, avg(energy_local_large) AS
       energy_local_large, avg(energy_local_small) AS energy_local_small, avg(volume_local_large) AS
       volume_local_large, avg(volume_local_small) AS volume_local_small, count(lag) AS samples_dynamics, avg(lag) AS
       lag, avg(displacement_mean_square) AS displacement_mean_square, avg(displacement_largest) AS
       displacement_largest, avg(non_gaussian) AS non_gaussian, avg(moved_01) AS moved_01, avg(moved_02) AS moved_02,
       avg(moved_03) AS moved_03, avg(moved_05) AS moved_05, avg(moved_07) AS moved_07, avg(moved_10) AS moved_10,
       avg(movers_laves) AS movers_laves, avg(movers_close_packed) AS movers_close_packed, avg(movers_ico) AS
       movers_ico, avg(movers_interface) AS movers_interface, avg(movers_other) AS movers_other, avg(strings) AS
       strings, avg(string_largest) AS string_largest, avg(string_weight_average) AS string_weight_average,
       avg(overlap_self) AS overlap_self, avg(overlap_collective) AS overlap_collective, avg(scattering_q) AS
       scattering_q, avg(scattering_self) AS scattering_self, avg(scattering_self_large) AS scattering_self_large,
       avg(scattering_self_small) AS scattering_self_small,
       count(relaxation_time) AS samples_relaxation, avg(relaxation_window) AS relaxation_window,
       avg(relaxation_q) AS relaxation_q, avg(relaxation_time) AS relaxation_time,
       avg(relaxation_reached) AS relaxation_reached, avg(overlap_time) AS overlap_time,
       avg(overlap_reached) AS overlap_reached, avg(independence_wait) AS independence_wait,
       avg(independence_reached) AS independence_reached
FROM v_samples WHERE segment >= 0 AND (stage = 'hold' OR mode = 'quench')
GROUP BY campaign, ensemble, replica;
COMMIT;
