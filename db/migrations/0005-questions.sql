-- keeps: rating_events, trials
-- Questions and their scales belong to the study: the two tables that named the paper's own are
-- rebuilt without that list. Names, columns, ids and triggers stay.

-- JSON, parsed whole: what imported ratings ask, where it is not what the paper asks.
ALTER TABLE studies ADD COLUMN questions TEXT;

CREATE TABLE rating_events_rebuilt (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  event TEXT NOT NULL UNIQUE, -- drawn by whoever recorded it: the same one twice is one
  study TEXT NOT NULL,
  rater TEXT NOT NULL, -- the code
  action TEXT NOT NULL CHECK (action IN ('rate', 'change', 'withdraw')),
  dataset TEXT,
  image TEXT,
  method TEXT,
  question TEXT CHECK (question <> ''), -- an id of the study's
  kind TEXT CHECK (kind IN ('main', 'repeat', 'practice', 'attention')),
  repeat INTEGER NOT NULL DEFAULT 0 CHECK (repeat >= 0),
  score INTEGER CHECK (score BETWEEN 1 AND 9), -- the place of the label on the question's scale
  session TEXT,
  trial TEXT, -- the position in the rater's order
  response_ms REAL,
  monotonic_ms REAL,
  focus_losses INTEGER,
  unfocused_ms REAL,
  zoom_changes INTEGER,
  zoom REAL,
  overlay_uses INTEGER,
  input TEXT,
  screen_width INTEGER,
  screen_height INTEGER,
  pixel_ratio REAL,
  rated_at TEXT, -- wall clock; imported ratings may have none
  recorded_at TEXT NOT NULL,
  CHECK (
    action = 'withdraw'
    OR (dataset IS NOT NULL AND image IS NOT NULL AND method IS NOT NULL
        AND question IS NOT NULL AND kind IS NOT NULL AND score IS NOT NULL)
  )
) STRICT;
INSERT INTO rating_events_rebuilt (id, event, study, rater, action, dataset, image, method, question,
  kind, repeat, score, session, trial, response_ms, monotonic_ms, focus_losses, unfocused_ms,
  zoom_changes, zoom, overlay_uses, input, screen_width, screen_height, pixel_ratio, rated_at,
  recorded_at)
SELECT id, event, study, rater, action, dataset, image, method, question,
  kind, repeat, score, session, trial, response_ms, monotonic_ms, focus_losses, unfocused_ms,
  zoom_changes, zoom, overlay_uses, input, screen_width, screen_height, pixel_ratio, rated_at,
  recorded_at
FROM rating_events ORDER BY id;
-- Ids of erased events are never given out again.
DELETE FROM sqlite_sequence WHERE name = 'rating_events_rebuilt';
INSERT INTO sqlite_sequence (name, seq)
SELECT 'rating_events_rebuilt', seq FROM sqlite_sequence WHERE name = 'rating_events';
DROP TABLE rating_events;
ALTER TABLE rating_events_rebuilt RENAME TO rating_events;
CREATE INDEX rating_events_by_cell
  ON rating_events (study, rater, dataset, image, method, question, kind, repeat, id);
CREATE INDEX rating_events_by_trial ON rating_events (study, rater, trial, question, id);
CREATE INDEX rating_events_withdrawn ON rating_events (study, rater) WHERE action = 'withdraw';
CREATE TRIGGER rating_events_keep BEFORE UPDATE ON rating_events
BEGIN
  SELECT RAISE(ABORT, 'rating events are append-only');
END;
CREATE TRIGGER rating_events_stay BEFORE DELETE ON rating_events
BEGIN
  SELECT RAISE(ABORT, 'rating events are append-only');
END;
-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER rating_events_once BEFORE INSERT ON rating_events
WHEN EXISTS (SELECT 1 FROM rating_events e WHERE e.event = NEW.event OR e.id = NEW.id)
BEGIN
  SELECT RAISE(ABORT, 'rating events are append-only');
END;

CREATE TABLE trials_rebuilt (
  rater TEXT NOT NULL REFERENCES raters (id) ON DELETE CASCADE,
  position INTEGER NOT NULL CHECK (position >= 0),
  kind TEXT NOT NULL CHECK (kind IN ('main', 'repeat', 'practice', 'attention')),
  dataset TEXT NOT NULL,
  image TEXT NOT NULL,
  method TEXT NOT NULL, -- of practice and checks: the made picture ('outline', 'flat', …)
  repeat INTEGER NOT NULL DEFAULT 0 CHECK (repeat >= 0),
  first_question TEXT NOT NULL CHECK (first_question <> ''),
  check_kind TEXT CHECK (check_kind IN ('instructed', 'flat')),
  expected_low INTEGER CHECK (expected_low BETWEEN 1 AND 9),
  expected_high INTEGER CHECK (expected_high BETWEEN 1 AND 9),
  PRIMARY KEY (rater, position)
) STRICT, WITHOUT ROWID;
INSERT INTO trials_rebuilt (rater, position, kind, dataset, image, method, repeat, first_question,
  check_kind, expected_low, expected_high)
SELECT rater, position, kind, dataset, image, method, repeat, first_question,
  check_kind, expected_low, expected_high
FROM trials ORDER BY rater, position;
DROP TABLE trials;
ALTER TABLE trials_rebuilt RENAME TO trials;
CREATE INDEX trials_by_pair ON trials (dataset, image, method, kind);
