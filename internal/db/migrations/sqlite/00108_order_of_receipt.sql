-- The order in which applications for permits of which there are only so many came in
-- (行政許可法 art. 57). A number is given within the transaction of the receipt, so that
-- none is missing, and nobody changes or deletes one afterwards.
-- +goose Up
CREATE TABLE permit_queues (
    type_code TEXT NOT NULL,
    round     INTEGER NOT NULL,
    last      INTEGER NOT NULL CHECK (last >= 0),
    PRIMARY KEY (type_code, round)
);

CREATE TABLE permit_places (
    application_id TEXT NOT NULL PRIMARY KEY REFERENCES permit_applications (id),
    type_code      TEXT NOT NULL,
    round          INTEGER NOT NULL,
    place          INTEGER NOT NULL CHECK (place > 0),
    taken_at       DATETIME NOT NULL
);
CREATE UNIQUE INDEX permit_places_place_key ON permit_places (type_code, round, place);

-- +goose StatementBegin
CREATE TRIGGER permit_places_stay_changed BEFORE UPDATE ON permit_places
BEGIN
    SELECT RAISE(ABORT, 'the order of receipt stays as it is');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER permit_places_stay_deleted BEFORE DELETE ON permit_places
BEGIN
    SELECT RAISE(ABORT, 'the order of receipt stays as it is');
END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER permit_places_stay_deleted;
DROP TRIGGER permit_places_stay_changed;
DROP TABLE permit_places;
DROP TABLE permit_queues;
