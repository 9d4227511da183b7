-- Measured speed depends on the size of the images too. Rates are measured again where they are gone.
DROP TABLE rates;
CREATE TABLE rates (
  architecture TEXT NOT NULL,
  form TEXT NOT NULL, -- height x width x channels, classes, stem
  device TEXT NOT NULL,
  threads INTEGER NOT NULL,
  train_images_per_second REAL NOT NULL,
  gradients_per_second REAL NOT NULL,
  forward_images_per_second REAL NOT NULL,
  measured_at TEXT NOT NULL,
  PRIMARY KEY (architecture, form, device, threads)
) STRICT, WITHOUT ROWID;

-- The dataset by its content, when the run began: null for runs of before this column.
ALTER TABLE runs ADD COLUMN dataset_key TEXT; -- JSON, parsed whole

-- Protocols that retrain: the order in which each method ranks an image's pixels.
CREATE TABLE run_orders (
  run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  method TEXT NOT NULL,
  split TEXT NOT NULL CHECK (split IN ('train', 'validation')),
  shard INTEGER NOT NULL CHECK (shard >= 0),
  artifact TEXT NOT NULL REFERENCES artifacts (key),
  tied TEXT NOT NULL, -- JSON, by level of the run: mean share of removed pixels that ties decided
  PRIMARY KEY (run, method, split, shard)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_orders_by_artifact ON run_orders (artifact);

-- Protocols that retrain: the accuracy of each model. The method is empty at level 0, where nothing
-- is removed and all methods share the models.
CREATE TABLE run_retrained (
  run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  method TEXT NOT NULL,
  level REAL NOT NULL,
  repetition INTEGER NOT NULL CHECK (repetition >= 0),
  accuracy REAL NOT NULL,
  seconds REAL NOT NULL,
  PRIMARY KEY (run, method, level, repetition)
) STRICT, WITHOUT ROWID;

-- Runs that belong together.
CREATE TABLE experiments (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('reproduction', 'sensitivity')),
  name TEXT NOT NULL,
  study TEXT REFERENCES studies (id) ON DELETE SET NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX experiments_by_study ON experiments (study);

CREATE TABLE experiment_runs (
  experiment TEXT NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
  position INTEGER NOT NULL CHECK (position >= 0),
  run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  choice TEXT, -- of a sensitivity analysis: the changed choice of resources/paper/choices.json
  reading INTEGER, -- which of its other readings, counted from 0
  PRIMARY KEY (experiment, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX experiment_runs_by_run ON experiment_runs (run);
