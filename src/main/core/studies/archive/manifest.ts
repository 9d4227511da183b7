import { createHash } from 'node:crypto';
import { z } from 'zod';
import { datasetIdSchema, knownDatasetSchema } from '../../../../shared/catalogue/datasets';
import { methodSchema } from '../../../../shared/catalogue/methods';
import { recipeOfToday } from '../../../../shared/catalogue/earlier-recipes';
import { roarSettingsSchema } from '../../../../shared/catalogue/roar';
import { engineDescriptionSchema } from '../../../../shared/engine';
import { parse } from '../../../../shared/errors';
import { modelIdSchema, runIdSchema, studyIdSchema } from '../../../../shared/ids';
import { studyStates } from '../../../../shared/ratings/study';
import { storedModelSchema } from '../../models/models-repository';
import { statedQuestionSchema } from '../../ratings/scales';
import { archiveFormat, manifestPath } from './paths';
import { refused } from './refused';
import { type Files } from './zip';

export const archiveVersion = 1;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

function settingsOfToday(settings: unknown): unknown {
  if (!isObject(settings)) return settings;
  return { ...settings, recipe: recipeOfToday(settings['recipe'], settings['dataset']) };
}

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a sha256');
/** A folder or file name of the archive that is made of an id. */
const idPath = z.string().regex(/^[a-z][a-z0-9-]*$/, 'lower-case letters, digits and hyphens');

export const archivedModelSchema = z.preprocess(
  (model) =>
    isObject(model)
      ? {
          ...model,
          recipe: recipeOfToday(model['recipe'], model['dataset'], model['architecture']),
        }
      : model,
  storedModelSchema
    .omit({ artifact: true, job: true, state: true })
    // Archives of before it was kept have none.
    .extend({
      adapted: z.array(z.string()).default([]),
      input: storedModelSchema.shape.input.default(null),
      classes: storedModelSchema.shape.classes.default(null),
    }),
);

const archivedRunSchema = z.object({
  id: runIdSchema,
  name: z.string().min(1),
  dataset: datasetIdSchema,
  settings: z.preprocess(settingsOfToday, roarSettingsSchema),
  createdAt: z.string(),
  finishedAt: z.string().nullable(),
  seconds: z.number(),
  engine: engineDescriptionSchema.nullable(),
  levels: z.array(
    z.object({
      level: z.number(),
      model: modelIdSchema.nullable(),
      reused: z.boolean(),
      seconds: z.number(),
    }),
  ),
  /** Whether it is compared with the ratings, or why not, when the archive was made. */
  refused: z.string().nullable(),
});
export type ArchivedRun = z.infer<typeof archivedRunSchema>;

const archivedFactsSchema = knownDatasetSchema.pick({
  name: true,
  shape: true,
  train: true,
  validation: true,
  licence: true,
  citation: true,
});

export const archivedDatasetSchema = z.object({
  dataset: idPath,
  /** What its row says besides the classes; archives of before it was kept have none. */
  facts: archivedFactsSchema.optional(),
  modelSha256: sha256,
  datasetKey: z.object({
    dataset: datasetIdSchema,
    files: z.array(z.object({ name: z.string(), sha256: z.string() })),
  }),
  engineKey: z.unknown(),
  classes: z.array(z.string()),
  maps: z.array(z.object({ method: idPath, composition: z.string() })),
});
export type ArchivedDataset = z.infer<typeof archivedDatasetSchema>;

/** A study's own row, without its configuration; what ratings from elsewhere ask where it is not what the paper asks. */
export const archivedHeadSchema = z.object({
  id: studyIdSchema,
  name: z.string().min(1).max(80),
  version: z.int().min(1),
  previous: studyIdSchema.nullable(),
  origin: z.enum(['designed', 'imported']),
  state: z.enum(studyStates),
  hash: z.string().nullable(),
  revealedAt: z.string().nullable(),
  createdAt: z.string(),
  closedAt: z.string().nullable(),
  questions: z.array(statedQuestionSchema).optional(),
});

export const manifestSchema = z.object({
  format: z.literal(archiveFormat),
  formatVersion: z.literal(archiveVersion),
  software: z.object({ name: z.string(), version: z.string() }),
  study: archivedHeadSchema,
  /** In the order of the configuration; none for ratings from elsewhere. */
  datasets: z.array(archivedDatasetSchema),
  /** All methods of the study that are known, with what they are made of. */
  methods: z.array(methodSchema),
  /** What the maps were made from; their weights are not in the archive. */
  models: z.array(archivedModelSchema),
  runs: z.array(archivedRunSchema),
  /** Raters who took their consent back: nothing of them is in the archive. */
  withdrawn: z.int().nonnegative(),
  /** Whether texts in its lists that a spreadsheet could run have an apostrophe before them. */
  guardedCells: z.boolean().default(false),
  /** Every other file. */
  files: z.array(z.object({ path: z.string(), bytes: z.int().nonnegative(), sha256 })),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** The list of files with their hashes. */
export function listFiles(files: Files): Manifest['files'] {
  return [...files].map(([path, bytes]) => ({
    path,
    bytes: bytes.byteLength,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  }));
}

/**
 * The manifest of an archive, after every file was found to be there, whole and listed. Throws
 * `corrupt-file` naming the file.
 */
export function readManifest(files: Files): Manifest {
  const manifest = parsedManifest(files);
  const listed = new Set<string>([manifestPath]);
  for (const { path, bytes, sha256: stated } of manifest.files) {
    if (listed.has(path)) throw refused(`manifest.json lists ${path} twice`);
    listed.add(path);
    const content = files.get(path);
    if (!content) throw refused(`${path} is missing`);
    const found = createHash('sha256').update(content).digest('hex');
    if (content.byteLength !== bytes || found !== stated) {
      throw refused(`${path} is not what manifest.json says: its sha256 is ${found}`);
    }
  }
  for (const path of files.keys()) {
    if (!listed.has(path)) throw refused(`${path} is not listed in manifest.json`);
  }
  return manifest;
}

function parsedManifest(files: Files): Manifest {
  const json = jsonFile(files, manifestPath);
  const head = z.looseObject({ format: z.string(), formatVersion: z.number() }).safeParse(json);
  if (!head.success || head.data.format !== archiveFormat) {
    throw refused('Its manifest.json is not that of a study');
  }
  if (head.data.formatVersion > archiveVersion) {
    throw refused(
      `It was made by a newer version of Saliency Studio (format ${head.data.formatVersion}, here ${archiveVersion})`,
    );
  }
  return parseFile(manifestPath, manifestSchema, json);
}

export function jsonFile(files: Files, path: string): unknown {
  const bytes = files.get(path);
  if (!bytes) throw refused(`${path} is missing`);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw refused(`${path} is not JSON`, error);
  }
}

/** Parse with a schema; a refusal names the file and the field. */
export function parseFile<S extends z.ZodType>(
  path: string,
  schema: S,
  value: unknown,
): z.output<S> {
  try {
    return parse(schema, value);
  } catch (error) {
    throw refused(
      `${path}: ${error instanceof Error ? error.message.replace(/\.$/, '') : ''}`,
      error,
    );
  }
}
