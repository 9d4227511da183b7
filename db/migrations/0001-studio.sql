-- Files that the studio computed. The key is the hash of everything that determines the content.
CREATE TABLE artifacts (
  key TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  bytes INTEGER NOT NULL CHECK (bytes >= 0),
  path TEXT NOT NULL UNIQUE, -- relative to artifacts/
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE jobs (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  state TEXT NOT NULL
    CHECK (state IN ('queued', 'running', 'cancelling', 'cancelled', 'parked', 'failed', 'done')),
  subject TEXT, -- a run or a model
  input TEXT NOT NULL, -- JSON, parsed whole with the job kind's schema
  error TEXT, -- JSON, parsed whole
  attempt INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL,
  started_at TEXT,
  finished_at TEXT
) STRICT;
CREATE INDEX jobs_by_state ON jobs (state, created_at);
CREATE INDEX jobs_by_subject ON jobs (subject);

CREATE TABLE job_stages (
  job TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  stage TEXT NOT NULL,
  title TEXT NOT NULL,
  items INTEGER NOT NULL CHECK (items >= 0),
  PRIMARY KEY (job, stage),
  UNIQUE (job, position)
) STRICT, WITHOUT ROWID;

-- Items done: never done again after a crash, a cancel or a restart.
CREATE TABLE job_items (
  job TEXT NOT NULL,
  stage TEXT NOT NULL,
  item TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('running', 'done')),
  reused INTEGER NOT NULL DEFAULT 0 CHECK (reused IN (0, 1)),
  seconds REAL NOT NULL DEFAULT 0,
  finished_at TEXT,
  PRIMARY KEY (job, stage, item),
  FOREIGN KEY (job, stage) REFERENCES job_stages (job, stage) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE job_item_artifacts (
  job TEXT NOT NULL,
  stage TEXT NOT NULL,
  item TEXT NOT NULL,
  position INTEGER NOT NULL,
  artifact TEXT NOT NULL,
  PRIMARY KEY (job, stage, item, position),
  FOREIGN KEY (job, stage, item) REFERENCES job_items (job, stage, item) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX job_item_artifacts_by_artifact ON job_item_artifacts (artifact);

CREATE TABLE models (
  id TEXT PRIMARY KEY,
  key TEXT NOT NULL, -- hash of everything that determines the weights
  name TEXT NOT NULL,
  dataset TEXT NOT NULL,
  architecture TEXT NOT NULL,
  origin TEXT NOT NULL CHECK (origin IN ('trained', 'imported')),
  recipe TEXT, -- JSON, parsed whole
  removal_level REAL NOT NULL,
  removal_fill TEXT NOT NULL,
  removal_mask TEXT NOT NULL,
  removal_seed INTEGER NOT NULL,
  validation_accuracy REAL,
  artifact TEXT REFERENCES artifacts (key), -- the final weights
  job TEXT REFERENCES jobs (id) ON DELETE SET NULL,
  state TEXT NOT NULL CHECK (state IN ('training', 'incomplete', 'ready')),
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX models_by_key ON models (key, state);
CREATE INDEX models_by_dataset ON models (dataset, removal_level, state, created_at);
CREATE INDEX models_by_artifact ON models (artifact);

CREATE TABLE model_epochs (
  model TEXT NOT NULL REFERENCES models (id) ON DELETE CASCADE,
  epoch INTEGER NOT NULL CHECK (epoch >= 0),
  loss REAL NOT NULL,
  train_accuracy REAL NOT NULL,
  validation_accuracy REAL NOT NULL,
  seconds REAL NOT NULL,
  weights TEXT REFERENCES artifacts (key) ON DELETE SET NULL,
  optimiser TEXT REFERENCES artifacts (key) ON DELETE SET NULL,
  PRIMARY KEY (model, epoch)
) STRICT, WITHOUT ROWID;
CREATE INDEX model_epochs_by_weights ON model_epochs (weights);
CREATE INDEX model_epochs_by_optimiser ON model_epochs (optimiser);

-- Methods composed by the user; the built-in ones are in the catalogue.
CREATE TABLE methods (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  composition TEXT NOT NULL UNIQUE,
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE runs (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  dataset TEXT NOT NULL,
  protocol TEXT NOT NULL,
  settings TEXT NOT NULL, -- JSON, parsed whole
  engine TEXT, -- JSON, parsed whole: what computed it
  job TEXT NOT NULL REFERENCES jobs (id),
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX runs_by_date ON runs (created_at);
CREATE UNIQUE INDEX runs_by_job ON runs (job);

-- The evaluated images: the position within the run, the index into the validation split.
CREATE TABLE run_images (
  run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  position INTEGER NOT NULL CHECK (position >= 0),
  image INTEGER NOT NULL CHECK (image >= 0),
  label INTEGER NOT NULL CHECK (label >= 0),
  PRIMARY KEY (run, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_levels (
  run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  level REAL NOT NULL,
  model TEXT REFERENCES models (id),
  reused INTEGER NOT NULL DEFAULT 0 CHECK (reused IN (0, 1)),
  seconds REAL NOT NULL DEFAULT 0,
  PRIMARY KEY (run, level)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_levels_by_model ON run_levels (model);

CREATE TABLE run_maps (
  run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  method TEXT NOT NULL,
  shard INTEGER NOT NULL CHECK (shard >= 0),
  artifact TEXT NOT NULL REFERENCES artifacts (key),
  PRIMARY KEY (run, method, shard)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_maps_by_artifact ON run_maps (artifact);

-- The softmax score of the ground-truth class, and the share of removed pixels that ties decided.
CREATE TABLE run_scores (
  run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  method TEXT NOT NULL,
  level REAL NOT NULL,
  position INTEGER NOT NULL CHECK (position >= 0),
  score REAL NOT NULL,
  tied REAL NOT NULL,
  PRIMARY KEY (run, method, level, position)
) STRICT, WITHOUT ROWID;

-- Measured speed, for forecasts.
CREATE TABLE rates (
  architecture TEXT NOT NULL,
  device TEXT NOT NULL,
  threads INTEGER NOT NULL,
  train_images_per_second REAL NOT NULL,
  gradients_per_second REAL NOT NULL,
  forward_images_per_second REAL NOT NULL,
  measured_at TEXT NOT NULL,
  PRIMARY KEY (architecture, device, threads)
) STRICT, WITHOUT ROWID;

-- Files made while exploring maps: kept so that the same maps come back at once.
CREATE TABLE explore_cache (
  artifact TEXT PRIMARY KEY REFERENCES artifacts (key) ON DELETE CASCADE,
  used_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
