-- Version 4: segments that were run twice, and workers whose results are not taken. Both operational.

-- A segment that another run, by this worker, found the same for. Contradictions end in retraction and event.
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

-- A worker whose results are not taken though others of its host are right; whole hosts: host.trust.
CREATE TABLE worker_quarantine (
    worker          BLOB NOT NULL PRIMARY KEY CHECK (length(worker) = 16),
    host            TEXT NOT NULL,
    quarantined_us  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
