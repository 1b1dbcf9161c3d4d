-- Version 8: relaxation times in windows of trajectories.
--
-- A table of before has no new column; the new science table is part of the hash where it has rows.

-- Scalars of a window of a replica's trajectory that ends at `step`: sample.relaxation of the campaign file.
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

ALTER TABLE ensemble_plan ADD COLUMN relaxation_every INTEGER NOT NULL DEFAULT 0;

DROP VIEW v_by_replica;
DROP VIEW v_by_rung;
DROP VIEW v_samples;

-- Every sample, one row a measurement: each kind fills the columns of its table; the others are NULL. Production is
-- segment >= 0.
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

-- Averages over production, which ends where a last ramp begins. Plain means over all of it: no equilibration is cut
-- and there are no error bars (`vitrine samples` gives them).
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

-- The same for one walker. In a ladder it mixes temperatures: rungs says how many it has visited.
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
