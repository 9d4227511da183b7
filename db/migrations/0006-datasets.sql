-- Datasets that are here, or whose models and runs are: those with an importer are known without a
-- row. Folders that were installed before get theirs when the app opens.
CREATE TABLE datasets (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  height INTEGER NOT NULL CHECK (height > 0),
  width INTEGER NOT NULL CHECK (width > 0),
  channels INTEGER NOT NULL CHECK (channels > 0),
  train INTEGER NOT NULL CHECK (train >= 0), -- images
  validation INTEGER NOT NULL CHECK (validation >= 0),
  licence TEXT NOT NULL,
  citation TEXT NOT NULL,
  origin TEXT, -- JSON, parsed whole: where it came from; null: with the product, or not known
  files TEXT NOT NULL, -- JSON, parsed whole: its content by the sha256 of each file
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE dataset_classes (
  dataset TEXT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
  label INTEGER NOT NULL CHECK (label >= 0),
  name TEXT NOT NULL,
  PRIMARY KEY (dataset, label)
) STRICT, WITHOUT ROWID;

-- Recipes of before networks could be chosen name theirs: the one that their dataset had, whose first
-- layer (`stem`) becomes an option of it.
UPDATE runs SET settings = json_remove(
  CASE dataset
    WHEN 'mnist' THEN json_set(settings, '$.recipe.architecture', 'mnist-cnn')
    ELSE json_set(settings, '$.recipe.architecture', 'resnet18', '$.recipe.options',
      json_object('stem', coalesce(json_extract(settings, '$.recipe.stem'), 'imagenet')))
  END, '$.recipe.stem')
WHERE json_extract(settings, '$.recipe.architecture') IS NULL;

UPDATE models SET recipe = json_remove(
  CASE architecture
    WHEN 'resnet18' THEN json_set(recipe, '$.architecture', architecture, '$.options',
      json_object('stem', coalesce(json_extract(recipe, '$.stem'), 'imagenet')))
    ELSE json_set(recipe, '$.architecture', architecture)
  END, '$.stem')
WHERE recipe IS NOT NULL AND json_extract(recipe, '$.architecture') IS NULL;
