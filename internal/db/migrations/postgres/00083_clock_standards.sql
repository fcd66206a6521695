-- The limits and warnings of a government where no matter and no unit says
-- otherwise. A row is a version, which holds from a day on; none is changed. What
-- the program came with is the first one. A count of open clocks keeps what it
-- moved, from when to when.
-- +goose Up
CREATE TABLE clock_standards (
    code       text COLLATE "C" NOT NULL CHECK (code IN ('acceptance', 'sign_in', 'contact', 'conclusion', 'urgent', 'joint', 'callback', 'rectification', 'complex', 'return', 'archive', 'warn_before', 'warn_due', 'warn_after')),
    version    bigint NOT NULL,
    valid_from date NOT NULL,
    time_limit text NOT NULL DEFAULT '',
    share      bigint NOT NULL DEFAULT 0,
    told       jsonb NOT NULL DEFAULT '[]',
    basis      text NOT NULL DEFAULT '',
    reason     text NOT NULL DEFAULT '',
    set_by_id  uuid REFERENCES accounts (id),
    set_at     timestamptz NOT NULL,
    PRIMARY KEY (code, version)
);
INSERT INTO clock_standards (code, version, valid_from, time_limit, share, told, basis, set_at) VALUES
 ('acceptance', 1, '2020-01-01', '2wh', 0, '[]', '北京市熱線標準草案，2021', '2020-01-01 00:00:00+00:00'),
 ('sign_in', 1, '2020-01-01', '1wd', 0, '[]', '', '2020-01-01 00:00:00+00:00'),
 ('contact', 1, '2020-01-01', '24h', 0, '[]', '', '2020-01-01 00:00:00+00:00'),
 ('conclusion', 1, '2020-01-01', '5wd', 0, '[]', '濟南市 2018、濰坊市 2021 熱線條例', '2020-01-01 00:00:00+00:00'),
 ('urgent', 1, '2020-01-01', '2h', 0, '[]', '北京市熱線標準草案，2021', '2020-01-01 00:00:00+00:00'),
 ('joint', 1, '2020-01-01', '3wd', 0, '[]', '', '2020-01-01 00:00:00+00:00'),
 ('callback', 1, '2020-01-01', '1wd', 0, '[]', '上海市條例，2024，第 30 條', '2020-01-01 00:00:00+00:00'),
 ('rectification', 1, '2020-01-01', '5wd', 0, '[]', '德州市，2020', '2020-01-01 00:00:00+00:00'),
 ('complex', 1, '2020-01-01', '15wd', 0, '[]', '四川省', '2020-01-01 00:00:00+00:00'),
 ('return', 1, '2020-01-01', '1wd', 0, '[]', '', '2020-01-01 00:00:00+00:00'),
 ('archive', 1, '2020-01-01', '365d', 0, '[]', '', '2020-01-01 00:00:00+00:00'),
 ('warn_before', 1, '2020-01-01', '1wd', 75, '["handler"]', '', '2020-01-01 00:00:00+00:00'),
 ('warn_due', 1, '2020-01-01', '', 0, '["handler", "head"]', '', '2020-01-01 00:00:00+00:00'),
 ('warn_after', 1, '2020-01-01', '1wd', 0, '["handler", "head", "supervisor"]', '', '2020-01-01 00:00:00+00:00');

CREATE TABLE clock_moves (
    recount_id uuid NOT NULL REFERENCES clock_recounts (id),
    case_id    uuid NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    kind       text COLLATE "C" NOT NULL,
    no         bigint NOT NULL,
    old_limit  text NOT NULL,
    new_limit  text NOT NULL,
    old_due    timestamptz NOT NULL,
    new_due    timestamptz NOT NULL,
    PRIMARY KEY (recount_id, case_id, kind, no)
);
CREATE INDEX clock_moves_case_idx ON clock_moves (case_id);

-- +goose Down
DROP TABLE clock_moves;
DROP TABLE clock_standards;
