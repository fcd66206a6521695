-- Questions and answers that people let the government publish. The case says
-- that its person agrees, under an id that nothing else tells; what is published,
-- or was declined and why, stands apart with texts of its own. Terms are what a
-- search finds a published case by. Cases of sensitive matters are never published.
-- +goose Up
ALTER TABLE matters ADD COLUMN sensitive boolean NOT NULL DEFAULT false;
ALTER TABLE cases ADD COLUMN voice text NOT NULL DEFAULT '' CHECK (voice IN ('', 'agreed', 'published', 'declined'));
ALTER TABLE cases ADD COLUMN voice_id uuid;
CREATE UNIQUE INDEX cases_voice_key ON cases (voice_id) WHERE voice_id IS NOT NULL;
CREATE INDEX cases_voice_idx ON cases (concluded_at, id) WHERE voice = 'agreed';

CREATE TABLE voices (
    id            uuid PRIMARY KEY,
    case_id       uuid NOT NULL REFERENCES cases (id),
    state         text NOT NULL CHECK (state IN ('published', 'declined')),
    decided_at    timestamptz NOT NULL,
    decided_by_id uuid,
    published_at  timestamptz,
    locale        text NOT NULL DEFAULT '',
    title         text NOT NULL DEFAULT '',
    question      text NOT NULL DEFAULT '',
    answer        text NOT NULL DEFAULT '',
    reason        text NOT NULL DEFAULT '',
    matter_id     uuid REFERENCES matters (id),
    district_id   uuid REFERENCES districts (id),
    version       bigint NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX voices_case_key ON voices (case_id);
CREATE INDEX voices_published_idx ON voices (published_at, id) WHERE state = 'published';
CREATE INDEX voices_matter_idx ON voices (matter_id, published_at, id) WHERE state = 'published';
CREATE INDEX voices_district_idx ON voices (district_id, published_at, id) WHERE state = 'published';

CREATE TABLE voice_terms (
    term     text COLLATE "C" NOT NULL,
    voice_id uuid NOT NULL REFERENCES voices (id),
    PRIMARY KEY (term, voice_id)
);
CREATE INDEX voice_terms_voice_idx ON voice_terms (voice_id);

-- +goose Down
DROP TABLE voice_terms;
DROP TABLE voices;
DROP INDEX cases_voice_idx;
DROP INDEX cases_voice_key;
ALTER TABLE cases DROP COLUMN voice_id;
ALTER TABLE cases DROP COLUMN voice;
ALTER TABLE matters DROP COLUMN sensitive;
