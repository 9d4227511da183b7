-- A study: what raters are shown and asked. The configuration is parsed whole; what is queried has
-- columns of its own.
CREATE TABLE studies (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  previous TEXT REFERENCES studies (id) ON DELETE SET NULL,
  origin TEXT NOT NULL CHECK (origin IN ('designed', 'imported')),
  state TEXT NOT NULL CHECK (state IN ('draft', 'preparing', 'open', 'closed')),
  config TEXT, -- JSON, parsed whole; none for an imported study
  hash TEXT, -- of the configuration and the maps; none until they exist
  job TEXT REFERENCES jobs (id) ON DELETE SET NULL,
  revealed_at TEXT,
  created_at TEXT NOT NULL,
  closed_at TEXT,
  UNIQUE (name, version)
) STRICT;

-- What the maps of a study were made from, and the pictures themselves, so that rating needs
-- neither the engine nor the dataset.
CREATE TABLE study_datasets (
  study TEXT NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
  dataset TEXT NOT NULL,
  position INTEGER NOT NULL,
  model_sha256 TEXT NOT NULL,
  dataset_key TEXT NOT NULL, -- JSON, parsed whole
  engine_key TEXT NOT NULL, -- JSON, parsed whole
  classes TEXT NOT NULL, -- JSON, parsed whole: the names of the classes
  images TEXT NOT NULL REFERENCES artifacts (key), -- uint8 [N, H, W, C]
  PRIMARY KEY (study, dataset)
) STRICT, WITHOUT ROWID;
CREATE INDEX study_datasets_by_images ON study_datasets (images);

CREATE TABLE study_images (
  study TEXT NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
  dataset TEXT NOT NULL,
  position INTEGER NOT NULL CHECK (position >= 0), -- within the arrays
  image TEXT NOT NULL, -- the index into the validation split
  label INTEGER NOT NULL CHECK (label >= 0),
  practice INTEGER NOT NULL DEFAULT 0 CHECK (practice IN (0, 1)),
  PRIMARY KEY (study, dataset, position),
  UNIQUE (study, dataset, image)
) STRICT, WITHOUT ROWID;

CREATE TABLE study_maps (
  study TEXT NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
  dataset TEXT NOT NULL,
  method TEXT NOT NULL,
  composition TEXT NOT NULL,
  artifact TEXT NOT NULL REFERENCES artifacts (key), -- float32 [N, H, W, C], raw
  PRIMARY KEY (study, dataset, method)
) STRICT, WITHOUT ROWID;
CREATE INDEX study_maps_by_artifact ON study_maps (artifact);

-- What a researcher did that bears on the results: looked at them while the study was open, closed
-- it, erased a rater, restored a backup. Kept when the study goes.
CREATE TABLE study_log (
  id INTEGER PRIMARY KEY,
  study TEXT,
  action TEXT NOT NULL,
  detail TEXT NOT NULL DEFAULT '',
  at TEXT NOT NULL
) STRICT;
CREATE INDEX study_log_by_study ON study_log (study, id);

CREATE TABLE raters (
  id TEXT PRIMARY KEY,
  study TEXT NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
  code TEXT NOT NULL COLLATE NOCASE,
  ordinal INTEGER NOT NULL, -- 0, 1, … within the study: the seed of this rater's order
  token_sha256 TEXT UNIQUE, -- of the link's token
  experience TEXT CHECK (experience IN ('naive', 'seen')),
  answers TEXT, -- JSON, parsed whole: background questions
  read_at TEXT, -- the instructions
  consented_at TEXT,
  created_at TEXT NOT NULL,
  last_seen_at TEXT,
  UNIQUE (study, code),
  UNIQUE (study, ordinal)
) STRICT;

-- The order of a rater, drawn when the rater consents and never changed.
CREATE TABLE trials (
  rater TEXT NOT NULL REFERENCES raters (id) ON DELETE CASCADE,
  position INTEGER NOT NULL CHECK (position >= 0),
  kind TEXT NOT NULL CHECK (kind IN ('main', 'repeat', 'practice', 'attention')),
  dataset TEXT NOT NULL,
  image TEXT NOT NULL,
  method TEXT NOT NULL, -- of practice and checks: the made picture ('outline', 'flat', …)
  repeat INTEGER NOT NULL DEFAULT 0 CHECK (repeat >= 0),
  first_question TEXT NOT NULL
    CHECK (first_question IN ('visual-coherence', 'edge-differentiation')),
  check_kind TEXT CHECK (check_kind IN ('instructed', 'flat')),
  expected_low INTEGER CHECK (expected_low BETWEEN 1 AND 5),
  expected_high INTEGER CHECK (expected_high BETWEEN 1 AND 5),
  PRIMARY KEY (rater, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX trials_by_pair ON trials (dataset, image, method, kind);

-- One opening of the rating page by a rater.
CREATE TABLE rating_sessions (
  id TEXT PRIMARY KEY,
  rater TEXT NOT NULL REFERENCES raters (id) ON DELETE CASCADE,
  entry TEXT NOT NULL CHECK (entry IN ('desk', 'link')),
  screen_width INTEGER NOT NULL,
  screen_height INTEGER NOT NULL,
  pixel_ratio REAL NOT NULL,
  started_at TEXT NOT NULL
) STRICT;
CREATE INDEX rating_sessions_by_rater ON rating_sessions (rater, started_at);

-- Every label ever given, and every withdrawal. Never changed, never deleted (see the triggers);
-- text instead of foreign keys, so that imported ratings need no study, model or rater here.
CREATE TABLE rating_events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  event TEXT NOT NULL UNIQUE, -- drawn by whoever recorded it: the same one twice is one
  study TEXT NOT NULL,
  rater TEXT NOT NULL, -- the code
  action TEXT NOT NULL CHECK (action IN ('rate', 'change', 'withdraw')),
  dataset TEXT,
  image TEXT,
  method TEXT,
  question TEXT CHECK (question IN ('visual-coherence', 'edge-differentiation')),
  kind TEXT CHECK (kind IN ('main', 'repeat', 'practice', 'attention')),
  repeat INTEGER NOT NULL DEFAULT 0 CHECK (repeat >= 0),
  score INTEGER CHECK (score BETWEEN 1 AND 5),
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

-- Annotator mode on this machine: at most one row while it lasts.
CREATE TABLE annotator_mode (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  study TEXT NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
  rater TEXT REFERENCES raters (id) ON DELETE SET NULL,
  passphrase TEXT, -- scrypt hash with its salt
  began_at TEXT NOT NULL
) STRICT;
