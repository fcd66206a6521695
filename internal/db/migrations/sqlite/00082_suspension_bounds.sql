-- A reason for which a clock stands still says whether the person has to be told
-- in writing, and how long it may last at most. What it said before is kept.
-- +goose Up
ALTER TABLE suspension_types ADD COLUMN notice BOOLEAN NOT NULL DEFAULT true;
ALTER TABLE suspension_types ADD COLUMN longest TEXT NOT NULL DEFAULT '';

CREATE TABLE item_versions_next (
    item_id     TEXT NOT NULL,
    version     INTEGER NOT NULL CHECK (version > 0),
    kind        TEXT NOT NULL CHECK (kind IN ('district', 'unit', 'field', 'matter', 'situation', 'rule', 'calendar', 'suspension')),
    code        TEXT NOT NULL,
    content     TEXT NOT NULL,
    recorded_at DATETIME NOT NULL,
    PRIMARY KEY (item_id, version)
);
INSERT INTO item_versions_next SELECT item_id, version, kind, code, content, recorded_at FROM item_versions WHERE kind IN ('district', 'unit', 'field', 'matter', 'situation', 'rule', 'calendar', 'suspension');
DROP TABLE item_versions;
ALTER TABLE item_versions_next RENAME TO item_versions;

-- +goose Down
CREATE TABLE item_versions_next (
    item_id     TEXT NOT NULL,
    version     INTEGER NOT NULL CHECK (version > 0),
    kind        TEXT NOT NULL CHECK (kind IN ('district', 'unit', 'field', 'matter', 'situation', 'rule', 'calendar')),
    code        TEXT NOT NULL,
    content     TEXT NOT NULL,
    recorded_at DATETIME NOT NULL,
    PRIMARY KEY (item_id, version)
);
INSERT INTO item_versions_next SELECT item_id, version, kind, code, content, recorded_at FROM item_versions WHERE kind IN ('district', 'unit', 'field', 'matter', 'situation', 'rule', 'calendar');
DROP TABLE item_versions;
ALTER TABLE item_versions_next RENAME TO item_versions;
ALTER TABLE suspension_types DROP COLUMN longest;
ALTER TABLE suspension_types DROP COLUMN notice;
