-- +goose Up
-- Roll-ups that reports read. Each count stands under its own local day (of
-- filing, response limit, due, conclusion, evaluation); a job counts dirty cells
-- anew from cases and never adds to them.
CREATE TABLE figures_day (
    day             date NOT NULL,
    unit_id         uuid NOT NULL REFERENCES units (id),
    filed           bigint NOT NULL,
    response_due    bigint NOT NULL,
    responded       bigint NOT NULL,
    due             bigint NOT NULL,
    on_time         bigint NOT NULL,
    concluded       bigint NOT NULL,
    judged          bigint NOT NULL,
    evaluated       bigint NOT NULL,
    resolved_yes    bigint NOT NULL,
    resolved_partly bigint NOT NULL,
    satisfied       bigint NOT NULL,
    bad             bigint NOT NULL,
    PRIMARY KEY (day, unit_id)
);

-- item is the id of a matter or district, a channel or a kind; empty for none.
CREATE TABLE figures_month (
    month           date NOT NULL,
    dimension       text NOT NULL CHECK (dimension IN ('matter', 'district', 'channel', 'kind')),
    item            text COLLATE "C" NOT NULL,
    unit_id         uuid NOT NULL REFERENCES units (id),
    filed           bigint NOT NULL,
    response_due    bigint NOT NULL,
    responded       bigint NOT NULL,
    due             bigint NOT NULL,
    on_time         bigint NOT NULL,
    concluded       bigint NOT NULL,
    judged          bigint NOT NULL,
    evaluated       bigint NOT NULL,
    resolved_yes    bigint NOT NULL,
    resolved_partly bigint NOT NULL,
    satisfied       bigint NOT NULL,
    bad             bigint NOT NULL,
    PRIMARY KEY (dimension, month, item, unit_id)
);
CREATE INDEX figures_month_unit_idx ON figures_month (month, unit_id);

-- Under which cells a case was last counted, so that one that moves to another
-- unit, due day or conclusion also leaves the cells where it stood.
CREATE TABLE figures_seen (
    case_id         uuid PRIMARY KEY REFERENCES cases (id),
    unit_id         uuid NOT NULL,
    received_on     date NOT NULL,
    response_due_on date,
    due_on          date,
    concluded_on    date
);

-- Work lists of a running count; empty between runs.
CREATE TABLE figures_changed (
    case_id uuid PRIMARY KEY
);
CREATE TABLE figures_dirty (
    unit_id uuid NOT NULL,
    day     date NOT NULL,
    PRIMARY KEY (day, unit_id)
);

-- One row: up to when cases are counted, and by which definitions.
CREATE TABLE figures_state (
    id           bigint NOT NULL PRIMARY KEY CHECK (id = 1),
    refreshed_at timestamptz,
    definitions  bigint NOT NULL
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
