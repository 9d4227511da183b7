import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from '../../../../shared/canonical';
import { type Catalogues } from '../../../../shared/catalogue/catalogues';
import { builtInMethods } from '../../../../shared/catalogue/methods';
import { valueAt } from '../../../../shared/checked-reads';
import { conflict } from '../../../../shared/errors';
import { lookOf, NameIndex, nameKey } from '../../../../shared/identifying-text';
import { type NewId } from '../../../../shared/ids';
import { decodeNpy } from '../../../../shared/npy';
import { type ArtifactStore } from '../../artifacts/artifact-store';
import {
  type Artifact,
  artifactKey,
  type ArtifactKind,
  ArtifactsRepository,
} from '../../artifacts/artifacts';
import { type DatasetsRepository } from '../../datasets/datasets-repository';
import { type RunsRepository } from '../../evaluation/runs-repository';
import { type JobsRepository } from '../../jobs/jobs-repository';
import { type MethodsRepository } from '../../maps/methods-repository';
import { type ModelsRepository } from '../../models/models-repository';
import { type NewRatingEvent } from '../../ratings/events-repository';
import { type Database } from '../../storage/database';
import { type Clock, now } from '../../storage/environment';
import { type StudyRepositories } from '../study-repositories';
import { type ReadDataset, type ReadRun, type ReadStudy } from './read-archive';

export interface StoreParts extends StudyRepositories {
  readonly artifacts: ArtifactStore;
  readonly catalogues: Pick<Catalogues, 'datasets' | 'metrics'>;
  readonly clock: Clock;
  readonly database: Database;
  readonly datasets: DatasetsRepository;
  readonly jobs: JobsRepository;
  readonly methods: MethodsRepository;
  readonly models: ModelsRepository;
  readonly newId: NewId;
  readonly runs: RunsRepository;
}

/** Keys of the arrays of one dataset in the artifact store. */
interface StoredArrays {
  readonly images: string;
  readonly maps: ReadonlyMap<string, string>;
}

/**
 * Put a read archive into the data directory, all of it or nothing. The study arrives closed. Its
 * ROAR runs come as finished runs with their scores, and the models as what is known of them without
 * their weights.
 *
 * Throws `conflict` where the study, or a run of the same id with other settings, is here already, and
 * where a run was measured by what is not known here.
 */
export async function storeArchive(parts: StoreParts, archive: ReadStudy): Promise<string> {
  const { id, name } = archive.manifest.study;
  refuseKnown(parts, archive);
  refuseUnknownMetrics(parts, archive);
  const made: Artifact[] = [];
  try {
    const arrays = new Map<string, StoredArrays>();
    for (const dataset of archive.datasets) {
      arrays.set(dataset.dataset, await storeArrays(parts, dataset, made));
    }
    parts.database.transaction(() => {
      // Another import may have come between.
      refuseKnown(parts, archive);
      insertMethods(parts, archive);
      insertDatasetRows(parts, archive);
      insertModels(parts, archive);
      for (const run of archive.runs) insertRun(parts, archive, run);
      insertStudy(parts, archive);
      archive.datasets.forEach((dataset, position) => {
        const stored = arrays.get(dataset.dataset);
        if (stored) insertDataset(parts, id, dataset, position, stored);
      });
      insertPeople(parts, archive);
      const from = `${name}, version ${archive.manifest.study.version}`;
      parts.studyLog.add(id, 'study.imported', `From an archive of ${from}.`, now(parts));
    });
  } catch (error) {
    await discard(parts, made);
    throw error;
  }
  return id;
}

function refuseKnown(
  parts: Pick<StoreParts, 'ratingEvents' | 'runs' | 'studies'>,
  { manifest, runs }: ReadStudy,
): void {
  const present = parts.studies.get(manifest.study.id);
  if (present) {
    throw conflict(`This study is here already, as ${present.name}. Nothing was imported.`);
  }
  if (parts.ratingEvents.hasAny(manifest.study.id)) {
    throw conflict('Ratings of this study are here already. Nothing was imported.');
  }
  for (const run of runs) {
    const known = parts.runs.get(run.id);
    if (known && canonicalJson(known.settings) !== canonicalJson(run.settings)) {
      throw conflict(
        `${known.name} is here already with other settings than the archive's run ${run.id}. Nothing was imported.`,
      );
    }
  }
}

/** Nobody here could say what its scores are. */
function refuseUnknownMetrics(
  { catalogues }: Pick<StoreParts, 'catalogues'>,
  { runs }: ReadStudy,
): void {
  const known = catalogues.metrics.list.map(({ id }) => id);
  const strange = runs.find(({ settings }) => !known.includes(settings.protocol));
  if (!strange) return;
  throw conflict(
    `The archive's run ${strange.name} was measured by ${strange.settings.protocol}, which is not known here; known are ${known.join(', ')}. Nothing was imported.`,
  );
}

/**
 * Under keys of their own content: a key of ours promises how the content was computed, and an
 * archive cannot.
 */
async function storeArrays(
  parts: Pick<StoreParts, 'artifacts'>,
  dataset: ReadDataset,
  made: Artifact[],
): Promise<StoredArrays> {
  const store = async (kind: ArtifactKind, bytes: Uint8Array) => {
    const imported = createHash('sha256').update(bytes).digest('hex');
    const key = artifactKey(kind, { imported });
    const present = await parts.artifacts.has(key);
    const artifact = await parts.artifacts.put({ bytes, kind, key });
    if (!present) made.push(artifact);
    return key;
  };
  const maps = new Map<string, string>();
  for (const [method, bytes] of dataset.arrays) {
    maps.set(method, await store('map', bytes));
  }
  return { images: await store('images', dataset.images), maps };
}

/** Take back what no row names. */
async function discard(
  parts: Pick<StoreParts, 'artifacts' | 'database'>,
  made: readonly Artifact[],
): Promise<void> {
  const rows = new ArtifactsRepository(parts.database);
  for (const { key, path } of made) {
    if (rows.deleteUnused(key)) await rm(join(parts.artifacts.root, path), { force: true });
  }
}

function insertMethods(
  parts: Pick<StoreParts, 'clock' | 'methods'>,
  { manifest }: ReadStudy,
): void {
  const at = now(parts);
  const taken = new Set(
    [...builtInMethods, ...parts.methods.list()].map(({ name }) => nameKey(name)),
  );
  for (const { id, name, composition, group } of manifest.methods) {
    if (group !== 'composed' || parts.methods.get(id)) continue;
    const free = taken.has(nameKey(name)) ? composition : name;
    parts.methods.insert({ id, name: free, composition }, at);
  }
}

/** Of what neither an importer nor a row knows here: what the archive says, else what its files show. */
function insertDatasetRows(
  parts: Pick<StoreParts, 'catalogues' | 'clock' | 'datasets'>,
  { datasets, runs }: ReadStudy,
): void {
  for (const { dataset: id, classes, datasetKey, facts, rows, images } of datasets) {
    if (parts.catalogues.datasets.find(id) || parts.datasets.get(id)) continue;
    const { shape } = decodeNpy(images, 'images.npy');
    const shown = [
      ...rows.map(({ image }) => Number(image)),
      ...runs.flatMap((run) => (run.dataset === id ? run.images.map(({ image }) => image) : [])),
    ].filter(Number.isInteger);
    parts.datasets.put({
      name: id,
      shape: [valueAt(shape, 1), valueAt(shape, 2), valueAt(shape, 3)],
      train: 0,
      // There were at least as many.
      validation: shown.reduce((most, image) => Math.max(most, image + 1), 0),
      licence: '',
      citation: '',
      ...facts,
      id,
      classes,
      origin: null,
      files: datasetKey.files,
      createdAt: now(parts),
    });
  }
}

function insertModels(parts: Pick<StoreParts, 'models'>, { manifest }: ReadStudy): void {
  for (const model of manifest.models) {
    if (parts.models.get(model.id)) continue;
    parts.models.insert({ ...model, job: null, state: 'incomplete' });
    parts.models.measured(model.id, model.validationAccuracy);
    for (const epoch of model.epochs) parts.models.putEpoch(model.id, epoch, null, null);
  }
}

function insertRun(
  parts: Pick<StoreParts, 'jobs' | 'models' | 'newId' | 'runs'>,
  { manifest, config }: ReadStudy,
  run: ReadRun,
): void {
  if (parts.runs.get(run.id)) return;
  const { jobs, runs } = parts;
  const job = parts.newId('job');
  const [stage, item] = ['import', 'run'];
  const finishedAt = run.finishedAt ?? run.createdAt;
  jobs.insert({
    id: job,
    kind: 'roar',
    title: `ROAR: ${run.name}`,
    subject: run.id,
    input: { run: run.id },
    stages: [{ id: stage, title: 'Imported with a study', items: 1 }],
    createdAt: run.createdAt,
  });
  const { seconds } = run;
  jobs.finishItem(job, stage, { item, artifacts: [], reused: true, seconds, finishedAt });
  jobs.finish(job, 'done', finishedAt);
  runs.insert({ ...run, job });
  if (run.engine) runs.setEngine(run.id, run.engine);
  runs.setImages(run.id, run.images);
  const rated = manifest.datasets.find(({ dataset }) => dataset === run.dataset);
  const chosen = config?.datasets.find(({ dataset }) => dataset === run.dataset)?.model ?? null;
  for (const level of run.levels) {
    const model = manifest.models.find(({ id }) => id === level.model);
    // Equal weights under two ids: here they can only be told to be equal by one id.
    const same = level.level === 0 && model?.sha256 && model.sha256 === rated?.modelSha256;
    const named = same ? chosen : (model?.id ?? null);
    runs.putLevel(run.id, { ...level, model: named && parts.models.get(named) ? named : null });
  }
  for (const block of run.scores) runs.putScores(run.id, 0, block);
}

function insertStudy(
  parts: Pick<StoreParts, 'clock' | 'studies'>,
  { manifest, config }: ReadStudy,
): void {
  const { study } = manifest;
  // A version of the study whose name looks the same, where there is one.
  const stored = new NameIndex(
    parts.studies.list().map((one) => one.name),
    lookOf,
  ).find(study.name);
  const name = stored.length === 1 ? (stored[0] ?? study.name) : study.name;
  const versions = parts.studies.named(name).map(({ version }) => version);
  parts.studies.insert({
    ...study,
    name,
    config,
    questions: study.questions ?? null,
    version: versions.includes(study.version) ? Math.max(...versions) + 1 : study.version,
    previous: study.previous && parts.studies.get(study.previous) ? study.previous : null,
    state: 'closed',
    job: null,
    closedAt: study.closedAt ?? now(parts),
  });
}

function insertDataset(
  parts: Pick<StoreParts, 'studies'>,
  study: string,
  archived: ReadDataset,
  position: number,
  { images, maps }: StoredArrays,
): void {
  const { dataset, modelSha256, datasetKey, engineKey, classes, rows } = archived;
  parts.studies.putDataset(study, {
    dataset,
    position,
    modelSha256,
    datasetKey,
    engineKey,
    classes,
    images,
  });
  parts.studies.putImages(study, dataset, rows);
  for (const { method, composition } of archived.maps) {
    const artifact = maps.get(method);
    if (artifact) parts.studies.putMap(study, { dataset, method, composition, artifact });
  }
}

function insertPeople(
  parts: Pick<StoreParts, 'newId' | 'raters' | 'ratingEvents' | 'studyLog'>,
  archive: ReadStudy,
): void {
  const { id: study } = archive.manifest.study;
  const { raters, ratingEvents, studyLog } = parts;
  const [trials, sessions] = [byRater(archive.trials), byRater(archive.sessions)];
  for (const rater of archive.raters) {
    const { code, ordinal, createdAt, experience, answers } = rater;
    const { readAt, consentedAt, lastSeenAt } = rater;
    const id = parts.newId('rater');
    raters.insert({ id, study, code, ordinal, createdAt });
    raters.describe(id, { experience, answers });
    if (readAt !== null) raters.setRead(id, readAt);
    if (consentedAt !== null) raters.setConsented(id, consentedAt);
    if (lastSeenAt !== null) raters.seen(id, lastSeenAt);
    raters.putTrials(id, trials.get(code) ?? []);
    for (const session of sessions.get(code) ?? []) raters.addSession({ ...session, rater: id });
  }
  for (const event of archive.events) ratingEvents.append(eventOf(study, event));
  for (const { action, detail, at } of archive.log) studyLog.add(study, action, detail, at);
}

function byRater<T extends { readonly rater: string }>(
  rows: readonly T[],
): Map<string, Omit<T, 'rater'>[]> {
  const groups = new Map<string, Omit<T, 'rater'>[]>();
  for (const { rater, ...row } of rows) {
    const group = groups.get(rater);
    if (group) group.push(row);
    else groups.set(rater, [row]);
  }
  return groups;
}

function eventOf(study: string, row: ReadStudy['events'][number]): NewRatingEvent {
  const { action, dataset, image, method, question, kind, score } = row;
  if (
    action === 'withdraw' ||
    dataset === null ||
    image === null ||
    method === null ||
    question === null ||
    kind === null ||
    score === null
  ) {
    const { event, rater, session, ratedAt, recordedAt } = row;
    return { event, study, rater, action: 'withdraw', session, ratedAt, recordedAt };
  }
  return { ...row, study, action, dataset, image, method, question, kind, score };
}
