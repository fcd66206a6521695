-- +goose Up
-- Roll-ups that reports read. Each count stands under its own local day (of
-- filing, response limit, due, conclusion, evaluation); a job counts dirty cells
-- anew from cases and never adds to them.
CREATE TABLE figures_day (
    day             DATE NOT NULL,
    unit_id         TEXT NOT NULL REFERENCES units (id),
    filed           INTEGER NOT NULL,
    response_due    INTEGER NOT NULL,
    responded       INTEGER NOT NULL,
    due             INTEGER NOT NULL,
    on_time         INTEGER NOT NULL,
    concluded       INTEGER NOT NULL,
    judged          INTEGER NOT NULL,
    evaluated       INTEGER NOT NULL,
    resolved_yes    INTEGER NOT NULL,
    resolved_partly INTEGER NOT NULL,
    satisfied       INTEGER NOT NULL,
    bad             INTEGER NOT NULL,
    PRIMARY KEY (day, unit_id)
);

-- item is the id of a matter or district, a channel or a kind; empty for none.
CREATE TABLE figures_month (
    month           DATE NOT NULL,
    dimension       TEXT NOT NULL CHECK (dimension IN ('matter', 'district', 'channel', 'kind')),
    item            TEXT NOT NULL,
    unit_id         TEXT NOT NULL REFERENCES units (id),
    filed           INTEGER NOT NULL,
    response_due    INTEGER NOT NULL,
    responded       INTEGER NOT NULL,
    due             INTEGER NOT NULL,
    on_time         INTEGER NOT NULL,
    concluded       INTEGER NOT NULL,
    judged          INTEGER NOT NULL,
    evaluated       INTEGER NOT NULL,
    resolved_yes    INTEGER NOT NULL,
    resolved_partly INTEGER NOT NULL,
    satisfied       INTEGER NOT NULL,
    bad             INTEGER NOT NULL,
    PRIMARY KEY (dimension, month, item, unit_id)
);
CREATE INDEX figures_month_unit_idx ON figures_month (month, unit_id);

-- Under which cells a case was last counted, so that one that moves to another
-- unit, due day or conclusion also leaves the cells where it stood.
CREATE TABLE figures_seen (
    case_id         TEXT PRIMARY KEY NOT NULL REFERENCES cases (id),
    unit_id         TEXT NOT NULL,
    received_on     DATE NOT NULL,
    response_due_on DATE,
    due_on          DATE,
    concluded_on    DATE
);

-- Work lists of a running count; empty between runs.
CREATE TABLE figures_changed (
    case_id TEXT PRIMARY KEY NOT NULL
);
CREATE TABLE figures_dirty (
    unit_id TEXT NOT NULL,
    day     DATE NOT NULL,
    PRIMARY KEY (day, unit_id)
);

-- One row: up to when cases are counted, and by which definitions.
CREATE TABLE figures_state (
    id           INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    refreshed_at DATETIME,
    definitions  INTEGER NOT NULL
);
INSERT INTO figures_state (id, refreshed_at, definitions) VALUES (1, NULL, 0);

CREATE INDEX cases_response_due_on_idx ON cases (response_due_on, unit_id);

-- +goose Down
DROP INDEX cases_response_due_on_idx;
DROP TABLE figures_state;
DROP TABLE figures_dirty;
DROP TABLE figures_changed;
DROP TABLE figures_seen;
DROP TABLE figures_month;
DROP TABLE figures_day;
