-- Up to which event of a case its cells were counted: what is looked at again, for the sake
-- of transactions that commit late, is counted again only where something is new.
-- +goose Up
ALTER TABLE figures_seen ADD COLUMN seq bigint NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE figures_seen DROP COLUMN seq;
