-- The ground in law of segments, campaigns and benefits in several languages, like every
-- text that people read: it stands in what they are told. What is there is Chinese where it has
-- a Chinese character, and English otherwise.
-- +goose Up
UPDATE segments SET basis_text = CASE WHEN basis_text = '' THEN '{}' WHEN basis_text GLOB '*[一-鿿]*' THEN json_object('zh-Hant', basis_text) ELSE json_object('en', basis_text) END;
UPDATE segment_versions SET basis_text = CASE WHEN basis_text = '' THEN '{}' WHEN basis_text GLOB '*[一-鿿]*' THEN json_object('zh-Hant', basis_text) ELSE json_object('en', basis_text) END;
UPDATE campaigns SET basis_text = CASE WHEN basis_text = '' THEN '{}' WHEN basis_text GLOB '*[一-鿿]*' THEN json_object('zh-Hant', basis_text) ELSE json_object('en', basis_text) END;
UPDATE benefits SET law = CASE WHEN law = '' THEN '{}' WHEN law GLOB '*[一-鿿]*' THEN json_object('zh-Hant', law) ELSE json_object('en', law) END;
UPDATE benefit_versions SET law = CASE WHEN law = '' THEN '{}' WHEN law GLOB '*[一-鿿]*' THEN json_object('zh-Hant', law) ELSE json_object('en', law) END;

-- +goose Down
UPDATE segments SET basis_text = COALESCE(basis_text ->> 'zh-Hant', basis_text ->> 'zh-Hans', basis_text ->> 'en', '');
UPDATE segment_versions SET basis_text = COALESCE(basis_text ->> 'zh-Hant', basis_text ->> 'zh-Hans', basis_text ->> 'en', '');
UPDATE campaigns SET basis_text = COALESCE(basis_text ->> 'zh-Hant', basis_text ->> 'zh-Hans', basis_text ->> 'en', '');
UPDATE benefits SET law = COALESCE(law ->> 'zh-Hant', law ->> 'zh-Hans', law ->> 'en', '');
UPDATE benefit_versions SET law = COALESCE(law ->> 'zh-Hant', law ->> 'zh-Hans', law ->> 'en', '');
