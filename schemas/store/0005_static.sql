-- Version 5: static energies of crystals; glass temperatures that campaigns take from quenches; ramps after production.

-- Static energies have no temperature, so that the one rung of such an ensemble is at 0. SQLite cannot change a CHECK:
-- the table is made again, without the views that read it.
DROP VIEW v_exchange;
DROP VIEW v_identity;
DROP VIEW v_ttt_runs;
DROP VIEW v_by_rung;
DROP VIEW v_by_replica;
CREATE TABLE rung_of_5 (
    campaign     INTEGER NOT NULL,
    ensemble     INTEGER NOT NULL,
    rung         INTEGER NOT NULL CHECK (rung >= 0),
    temperature  REAL NOT NULL CHECK (temperature >= 0),       -- epsilon/k_B; 0: static energies
    PRIMARY KEY (campaign, ensemble, rung),
    FOREIGN KEY (campaign, ensemble) REFERENCES ensemble
) STRICT, WITHOUT ROWID;
INSERT INTO rung_of_5 SELECT campaign, ensemble, rung, temperature FROM rung;
DROP TABLE rung;
ALTER TABLE rung_of_5 RENAME TO rung;

ALTER TABLE ensemble ADD COLUMN eos_geometry TEXT;                                   -- ideal | relaxed; NULL: no curve
ALTER TABLE ensemble ADD COLUMN eos_volume_first REAL CHECK (eos_volume_first > 0);  -- sigma^3 per atom, of step 1
ALTER TABLE ensemble ADD COLUMN eos_volume_step REAL CHECK (eos_volume_step > 0);    -- of each step after

-- The crystal of a replica that walks a curve of static energies.
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

-- Scalars of a perfect crystal at one volume, per atom.
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

-- T_f of a quench ensemble, as a campaign that names it in `Tf:` took it: rounded, and never changed again.
CREATE TABLE glass (
    campaign     INTEGER NOT NULL REFERENCES campaign,
    source       TEXT NOT NULL,                                -- as written: an ensemble, or campaign/ensemble
    temperature  REAL NOT NULL CHECK (temperature > 0),        -- epsilon/k_B
    quenches     INTEGER NOT NULL CHECK (quenches > 0),        -- that it is the mean of
    definition   TEXT NOT NULL,
    PRIMARY KEY (campaign, source)
) STRICT, WITHOUT ROWID;

-- Curves of static energies.
CREATE VIEW v_eos AS
SELECT t.campaign, c.name AS campaign_name, r.ensemble, e.name AS ensemble_name, t.replica, p.name AS phase, p.crystal,
       p.sites, cast(p.atoms_small AS REAL) / p.atoms AS small_fraction, e.eos_geometry AS geometry, e.cut, t.step,
       t.volume, t.energy_static, t.pressure_static, t.c_over_a, t.shape_held
FROM sample_static t
JOIN phase p ON p.campaign = t.campaign AND p.replica = t.replica
JOIN replica r ON r.campaign = t.campaign AND r.replica = t.replica
JOIN campaign c ON c.campaign = t.campaign
JOIN ensemble e ON e.campaign = t.campaign AND e.ensemble = r.ensemble;

-- Exchange between neighbouring rungs, as before.
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

-- Acceptance of identity exchanges over production at each temperature, as before.
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

-- Averages over production, which ends where a last ramp begins.
CREATE VIEW v_by_rung AS
SELECT campaign, campaign_name, ensemble, ensemble_name, mode, rung, min(temperature_set) AS temperature_set,
       count(energy_potential) AS samples_thermal, avg(energy_potential) AS energy_potential,
       avg(temperature) AS temperature, avg(pressure) AS pressure,
       count(energy_inherent) AS samples_inherent, avg(energy_inherent) AS energy_inherent,
       avg(ico_fraction) AS ico_fraction, avg(ico_fraction_small) AS ico_fraction_small,
       avg(ico_fraction_large) AS ico_fraction_large,
       avg(fk_z14) AS fk_z14, avg(fk_z15) AS fk_z15, avg(fk_z16) AS fk_z16, avg(bonds_n4) AS bonds_n4,
       avg(bonds_n5) AS bonds_n5, avg(bonds_n6) AS bonds_n6, avg(laves_fraction) AS laves_fraction,
       avg(laves_cubic) AS laves_cubic, avg(laves_hexagonal) AS laves_hexagonal, avg(laves_largest) AS laves_largest,
       avg(close_packed_largest) AS close_packed_largest, avg(ico_cluster_largest) AS ico_cluster_largest,
       avg(ico_cluster_weight_average) AS ico_cluster_weight_average, avg(ico_percolates) AS ico_percolates
FROM v_samples WHERE segment >= 0 AND (stage = 'hold' OR mode = 'quench')
GROUP BY campaign, ensemble, rung;

CREATE VIEW v_by_replica AS
SELECT campaign, campaign_name, ensemble, ensemble_name, mode, replica, count(DISTINCT rung) AS rungs,
       min(temperature_set) AS temperature_set_min, max(temperature_set) AS temperature_set_max,
       max(step) AS step_last, max(tau) AS tau_last,
       count(energy_potential) AS samples_thermal, avg(energy_potential) AS energy_potential,
       avg(temperature) AS temperature, avg(pressure) AS pressure,
       count(energy_inherent) AS samples_inherent, avg(energy_inherent) AS energy_inherent,
       avg(ico_fraction) AS ico_fraction, avg(ico_fraction_small) AS ico_fraction_small,
       avg(ico_fraction_large) AS ico_fraction_large,
       avg(fk_z14) AS fk_z14, avg(fk_z15) AS fk_z15, avg(fk_z16) AS fk_z16, avg(bonds_n4) AS bonds_n4,
       avg(bonds_n5) AS bonds_n5, avg(bonds_n6) AS bonds_n6, avg(laves_fraction) AS laves_fraction,
       avg(laves_cubic) AS laves_cubic, avg(laves_hexagonal) AS laves_hexagonal, avg(laves_largest) AS laves_largest,
       avg(close_packed_largest) AS close_packed_largest, avg(ico_cluster_largest) AS ico_cluster_largest,
       avg(ico_cluster_weight_average) AS ico_cluster_weight_average, avg(ico_percolates) AS ico_percolates
FROM v_samples WHERE segment >= 0 AND (stage = 'hold' OR mode = 'quench')
GROUP BY campaign, ensemble, replica;

-- Runs that carry a physical clock: the hold at the rung's temperature, not the ramps before and after it.
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
