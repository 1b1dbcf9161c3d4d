-- Version 3: structure beyond the count of icosahedra, measured with every inherent structure.
--
-- NULL in these columns means: stored before version 3. The output digest of such a segment covers the values that
-- there were.
ALTER TABLE sample_inherent ADD COLUMN fk_z14                     REAL;  -- of all atoms: Frank-Kasper Z14
ALTER TABLE sample_inherent ADD COLUMN fk_z15                     REAL;  -- of all atoms: Z15
ALTER TABLE sample_inherent ADD COLUMN fk_z16                     REAL;  -- of all atoms: Z16
ALTER TABLE sample_inherent ADD COLUMN bonds_n4                   REAL;  -- of all bonds: four-edged faces
ALTER TABLE sample_inherent ADD COLUMN bonds_n5                   REAL;  -- of all bonds: five-edged
ALTER TABLE sample_inherent ADD COLUMN bonds_n6                   REAL;  -- of all bonds: six-edged
ALTER TABLE sample_inherent ADD COLUMN laves_fraction             REAL;  -- of all atoms: Laves atoms
ALTER TABLE sample_inherent ADD COLUMN laves_cubic                REAL;  -- of all atoms: sites of cubic diamond order (C15)
ALTER TABLE sample_inherent ADD COLUMN laves_hexagonal            REAL;  -- of all atoms: sites of hexagonal order (C14)
ALTER TABLE sample_inherent ADD COLUMN laves_largest              REAL;  -- of all atoms: in the largest Laves cluster
ALTER TABLE sample_inherent ADD COLUMN close_packed_largest       REAL;  -- of all atoms: in the largest cluster of fcc or hcp large atoms
ALTER TABLE sample_inherent ADD COLUMN ico_cluster_largest        REAL;  -- of all atoms: in the largest icosahedral cluster
ALTER TABLE sample_inherent ADD COLUMN ico_cluster_weight_average REAL;  -- atoms in the cluster of an icosahedral atom
ALTER TABLE sample_inherent ADD COLUMN ico_percolates             REAL;  -- 1: a cluster winds around the box, 0: none

DROP VIEW v_by_replica;
DROP VIEW v_by_rung;
DROP VIEW v_samples;

-- Every sample, one row a measurement: kind 'thermal' fills the columns of sample_thermal, kind 'inherent' those of
-- sample_inherent; the others are NULL. Production is segment >= 0.
CREATE VIEW v_samples AS
SELECT s.campaign, c.name AS campaign_name, r.ensemble, e.name AS ensemble_name, e.mode, s.replica, s.rung, s.segment,
       s.stage, 'thermal' AS kind, t.step, t.step * e.dt AS tau, t.step * 1e-9 AS us,
       s.temperature_first + (s.temperature_last - s.temperature_first)
           * (t.step - s.step_first) / max(s.steps, 1) AS temperature_set,
       t.energy_potential, t.energy_kinetic, t.temperature, t.pressure,
       NULL AS energy_inherent, NULL AS force_max_inherent, NULL AS converged, NULL AS iterations,
       NULL AS pressure_inherent, NULL AS ico_fraction, NULL AS ico_fraction_small, NULL AS ico_fraction_large,
       NULL AS fk_z14, NULL AS fk_z15, NULL AS fk_z16, NULL AS bonds_n4, NULL AS bonds_n5, NULL AS bonds_n6,
       NULL AS laves_fraction, NULL AS laves_cubic, NULL AS laves_hexagonal, NULL AS laves_largest,
       NULL AS close_packed_largest, NULL AS ico_cluster_largest, NULL AS ico_cluster_weight_average,
       NULL AS ico_percolates
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
       NULL, NULL, NULL, NULL,
       t.energy_inherent, t.force_max_inherent, t.converged, t.iterations,
       t.pressure_inherent, t.ico_fraction, t.ico_fraction_small, t.ico_fraction_large,
       t.fk_z14, t.fk_z15, t.fk_z16, t.bonds_n4, t.bonds_n5, t.bonds_n6, t.laves_fraction, t.laves_cubic,
       t.laves_hexagonal, t.laves_largest, t.close_packed_largest, t.ico_cluster_largest,
       t.ico_cluster_weight_average, t.ico_percolates
FROM segment s
JOIN sample_inherent t ON t.campaign = s.campaign AND t.replica = s.replica AND t.segment = +s.segment
JOIN replica r ON r.campaign = s.campaign AND r.replica = s.replica
JOIN campaign c ON c.campaign = s.campaign
JOIN ensemble e ON e.campaign = s.campaign AND e.ensemble = r.ensemble;

-- Averages over production at one thermodynamic state, whichever replicas were there. Plain means over all of it: no
-- equilibration is cut and there are no error bars (`vitrine samples` gives them).
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
FROM v_samples WHERE segment >= 0
GROUP BY campaign, ensemble, rung;

-- The same for one walker. In a ladder it mixes temperatures: rungs says how many it has visited.
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
FROM v_samples WHERE segment >= 0
GROUP BY campaign, ensemble, replica;
