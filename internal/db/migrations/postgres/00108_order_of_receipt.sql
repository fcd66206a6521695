-- The order in which applications for permits of which there are only so many came in
-- (行政許可法 art. 57). A number is given within the transaction of the receipt, so that
-- none is missing, and nobody changes or deletes one afterwards.
-- +goose Up
CREATE TABLE permit_queues (
    type_code text NOT NULL,
    round     bigint NOT NULL,
    last      bigint NOT NULL CHECK (last >= 0),
    PRIMARY KEY (type_code, round)
);

CREATE TABLE permit_places (
    application_id uuid PRIMARY KEY REFERENCES permit_applications (id),
    type_code      text NOT NULL,
    round          bigint NOT NULL,
    place          bigint NOT NULL CHECK (place > 0),
    taken_at       timestamptz NOT NULL
);
CREATE UNIQUE INDEX permit_places_place_key ON permit_places (type_code, round, place);

-- +goose StatementBegin
CREATE FUNCTION permit_places_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the order of receipt stays as it is';
END $$;
-- +goose StatementEnd
CREATE TRIGGER permit_places_stay BEFORE UPDATE OR DELETE ON permit_places FOR EACH ROW EXECUTE FUNCTION permit_places_stay();
ALTER TABLE permit_places ENABLE ALWAYS TRIGGER permit_places_stay;

-- +goose Down
DROP TABLE permit_places;
DROP FUNCTION permit_places_stay;
DROP TABLE permit_queues;
