-- +goose Up
-- Which editions of the demo city this database holds, so that a start need not
-- compare every unit and matter with the program's.
CREATE TABLE demo_loads (
    digest    text COLLATE "C" NOT NULL PRIMARY KEY,
    loaded_at timestamptz NOT NULL
);

-- +goose Down
DROP TABLE demo_loads;
