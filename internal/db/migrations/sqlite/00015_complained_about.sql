-- Who is recused must not list complaints about their own units; nearly no case
-- has such a party, and this index says so without reading the others.
-- +goose Up
CREATE INDEX case_parties_subject_idx ON case_parties (case_id) WHERE role = 'subject';

-- +goose Down
DROP INDEX case_parties_subject_idx;
