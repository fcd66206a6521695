-- The ground in law of segments, campaigns and benefits in several languages, like every
-- text that people read: it stands in what they are told. What is there is Chinese where it has
-- a Chinese character, and English otherwise.
-- +goose Up
ALTER TABLE segments ALTER COLUMN basis_text TYPE jsonb USING CASE WHEN basis_text = '' THEN '{}'::jsonb WHEN basis_text ~ '[一-鿿]' THEN jsonb_build_object('zh-Hant', basis_text) ELSE jsonb_build_object('en', basis_text) END;
ALTER TABLE segment_versions ALTER COLUMN basis_text TYPE jsonb USING CASE WHEN basis_text = '' THEN '{}'::jsonb WHEN basis_text ~ '[一-鿿]' THEN jsonb_build_object('zh-Hant', basis_text) ELSE jsonb_build_object('en', basis_text) END;
ALTER TABLE campaigns ALTER COLUMN basis_text TYPE jsonb USING CASE WHEN basis_text = '' THEN '{}'::jsonb WHEN basis_text ~ '[一-鿿]' THEN jsonb_build_object('zh-Hant', basis_text) ELSE jsonb_build_object('en', basis_text) END;
ALTER TABLE benefits ALTER COLUMN law TYPE jsonb USING CASE WHEN law = '' THEN '{}'::jsonb WHEN law ~ '[一-鿿]' THEN jsonb_build_object('zh-Hant', law) ELSE jsonb_build_object('en', law) END;
ALTER TABLE benefit_versions ALTER COLUMN law TYPE jsonb USING CASE WHEN law = '' THEN '{}'::jsonb WHEN law ~ '[一-鿿]' THEN jsonb_build_object('zh-Hant', law) ELSE jsonb_build_object('en', law) END;

-- +goose Down
ALTER TABLE segments ALTER COLUMN basis_text TYPE text USING COALESCE(basis_text ->> 'zh-Hant', basis_text ->> 'zh-Hans', basis_text ->> 'en', '');
ALTER TABLE segment_versions ALTER COLUMN basis_text TYPE text USING COALESCE(basis_text ->> 'zh-Hant', basis_text ->> 'zh-Hans', basis_text ->> 'en', '');
ALTER TABLE campaigns ALTER COLUMN basis_text TYPE text USING COALESCE(basis_text ->> 'zh-Hant', basis_text ->> 'zh-Hans', basis_text ->> 'en', '');
ALTER TABLE benefits ALTER COLUMN law TYPE text USING COALESCE(law ->> 'zh-Hant', law ->> 'zh-Hans', law ->> 'en', '');
ALTER TABLE benefit_versions ALTER COLUMN law TYPE text USING COALESCE(law ->> 'zh-Hant', law ->> 'zh-Hans', law ->> 'en', '');
