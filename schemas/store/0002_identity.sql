-- Version 2: exchange of identities in hybrid ensembles.
--
-- Columns are appended to science tables; NULL where a row has no use for them, and in rows of before.

ALTER TABLE ensemble ADD COLUMN identity_every INTEGER CHECK (identity_every > 0);       -- steps; NULL: no hybrid
ALTER TABLE ensemble ADD COLUMN identity_attempts INTEGER CHECK (identity_attempts > 0); -- at each such step

-- Exchanges of a large and a small atom that were tried in the segment, and how many of them were accepted.
ALTER TABLE segment ADD COLUMN identity_attempts INTEGER CHECK (identity_attempts > 0);
ALTER TABLE segment ADD COLUMN identity_accepted INTEGER
    CHECK (identity_accepted BETWEEN 0 AND identity_attempts);

-- Acceptance of identity exchanges over production at each temperature.
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
