import { createHash } from 'node:crypto';
import { type Catalogues } from '../../../../shared/catalogue/catalogues';
import { builtInMethods, type Method } from '../../../../shared/catalogue/methods';
import { valueAt } from '../../../../shared/checked-reads';
import { conflict } from '../../../../shared/errors';
import { lookOf, NameIndex, nameKey } from '../../../../shared/identifying-text';
import { type NewId } from '../../../../shared/ids';
import { decodeNpy } from '../../../../shared/npy';
import { type ArtifactStore } from '../../artifacts/artifact-store';
import { type Artifact, artifactKey, type ArtifactKind } from '../../artifacts/artifacts';
import { type DatasetsRepository } from '../../datasets/datasets-repository';
import { type ImportedRepository } from '../../maps/imported-repository';
import { type MethodsRepository } from '../../maps/methods-repository';
import { type NewRatingEvent } from '../../ratings/events-repository';
import { type Clock, now } from '../../storage/environment';
import { type StudyStore } from '../study-store';
import { type ReadDataset, type ReadStudy } from './read-archive';
import { type RunImport } from './run-import';

export interface StoreParts {
  readonly artifacts: ArtifactStore;
  readonly catalogues: Pick<Catalogues, 'datasets' | 'metrics'>;
  readonly clock: Clock;
  readonly datasets: DatasetsRepository;
  readonly imported: ImportedRepository;
  readonly methods: MethodsRepository;
  readonly newId: NewId;
  readonly runImport: RunImport;
  readonly studyStore: StudyStore;
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
 * Throws `conflict` where the study, or a run of the same id with other settings, is here already, where
 * a method is another by the same id, and where a run was measured by what is not known here.
 *
 * @returns the study, and what of it is another than in the archive
 */
export async function storeArchive(
  parts: StoreParts,
  archive: ReadStudy,
): Promise<{ readonly study: string; readonly notes: readonly string[] }> {
  const { id, name } = archive.manifest.study;
  refuseKnown(parts, archive);
  refuseUnknownMetrics(parts, archive);
  refuseOtherMethods(parts, archive);
  const made: Artifact[] = [];
  let notes: string[] = [];
  try {
    const arrays = new Map<string, StoredArrays>();
    for (const dataset of archive.datasets) {
      arrays.set(dataset.dataset, await storeArrays(parts, dataset, made));
    }
    parts.studyStore.transaction(() => {
      // Another import may have come between.
      refuseKnown(parts, archive);
      refuseOtherMethods(parts, archive);
      notes = renamedWords(insertMethods(parts, archive));
      insertDatasetRows(parts, archive);
      parts.runImport.insert(archive);
      insertStudy(parts, archive);
      archive.datasets.forEach((dataset, position) => {
        const stored = arrays.get(dataset.dataset);
        if (stored) insertDataset(parts.studyStore, id, dataset, position, stored);
      });
      insertPeople(parts, archive);
      const from = `${name}, version ${archive.manifest.study.version}`;
      parts.studyStore.studyLog.add(
        id,
        'study.imported',
        [`From an archive of ${from}.`, ...notes].join(' '),
        now(parts),
      );
    });
  } catch (error) {
    for (const artifact of made) await parts.artifacts.discard(artifact);
    throw error;
  }
  return { study: id, notes };
}

function refuseKnown(
  { runImport, studyStore }: Pick<StoreParts, 'runImport' | 'studyStore'>,
  archive: ReadStudy,
): void {
  const { manifest } = archive;
  const present = studyStore.studies.get(manifest.study.id);
  if (present) {
    throw conflict(`This study is here already, as ${present.name}. Nothing was imported.`);
  }
  if (studyStore.ratingEvents.hasAny(manifest.study.id)) {
    throw conflict('Ratings of this study are here already. Nothing was imported.');
  }
  runImport.refuseOther(archive);
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

/** A method that came under another name, since another has its own here. */
interface RenamedMethod {
  readonly from: string;
  readonly to: string;
}

const isOwn = ({ group }: Method): boolean => group === 'composed' || group === 'imported';

/** One id is one method everywhere: the labels and maps of another would be taken for its own. */
function refuseOtherMethods(
  { methods }: Pick<StoreParts, 'methods'>,
  { manifest }: ReadStudy,
): void {
  for (const method of manifest.methods.filter(isOwn)) {
    const { id, name, composition } = method;
    const same = methods.get(id);
    if (same && same.composition !== composition) {
      throw conflict(
        `The archive's method ${name} has the id ${id}, which is that of ${same.name} here, another method. Nothing was imported.`,
      );
    }
    const equal = methods.ofComposition(composition);
    if (equal && equal.id !== id) {
      throw conflict(
        `The archive's method ${name} is here as ${equal.name} under another id (${equal.id}, in the archive ${id}): remove it here first. Nothing was imported.`,
      );
    }
  }
}

function insertMethods(
  parts: Pick<StoreParts, 'clock' | 'imported' | 'methods'>,
  { manifest, datasets }: ReadStudy,
): RenamedMethod[] {
  const at = now(parts);
  const taken = new Set(
    [...builtInMethods, ...parts.methods.list()].map(({ name }) => nameKey(name)),
  );
  const renamed: RenamedMethod[] = [];
  for (const method of manifest.methods.filter(isOwn)) {
    const { id, name: from, composition, imported } = method;
    if (parts.methods.get(id)) continue;
    const name = freeName(from, (one) => taken.has(nameKey(one)));
    if (name !== from) renamed.push({ from, to: name });
    taken.add(nameKey(name));
    parts.methods.insert({ id, name, composition }, at);
    if (!imported) continue;
    // An archive has the pictures that were rated: of the maps themselves none are here.
    const { dataset, model, citation, file } = imported;
    const files = datasets.find((one) => one.dataset === dataset)?.datasetKey.files ?? [];
    parts.imported.put(id, { dataset, model, citation, file, files }, []);
  }
  return renamed;
}

/** `LIME`, or `LIME (2)` where there is one, within the length that names have. */
function freeName(name: string, isTaken: (name: string) => boolean): string {
  if (!isTaken(name)) return name;
  for (let number = 2; ; number += 1) {
    const ending = ` (${number})`;
    const numbered = `${trimmedTo(name, longestName - ending.length)}${ending}`;
    if (!isTaken(numbered)) return numbered;
  }
}

const longestName = 80;

/** At most so many UTF-16 units, no character cut in two. */
function trimmedTo(text: string, longest: number): string {
  let kept = '';
  for (const character of text) {
    if (kept.length + character.length > longest) break;
    kept += character;
  }
  return kept.trimEnd();
}

/** What is said of methods that came under other names. */
const renamedWords = (renamed: readonly RenamedMethod[]): string[] =>
  renamed.map(
    ({ from, to }) =>
      `The method ${from} of the archive is called ${to} here: another method has its name.`,
  );

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

function insertStudy(
  parts: Pick<StoreParts, 'clock' | 'studyStore'>,
  { manifest, config }: ReadStudy,
): void {
  const { study } = manifest;
  const { studies } = parts.studyStore;
  // A version of the study whose name looks the same, where there is one.
  const stored = new NameIndex(
    studies.list().map((one) => one.name),
    lookOf,
  ).find(study.name);
  const name = stored.length === 1 ? valueAt(stored, 0) : study.name;
  const versions = studies.named(name).map(({ version }) => version);
  studies.insert({
    ...study,
    name,
    config,
    questions: study.questions ?? null,
    version: versions.includes(study.version) ? Math.max(...versions) + 1 : study.version,
    previous: study.previous && studies.get(study.previous) ? study.previous : null,
    state: 'closed',
    job: null,
    closedAt: study.closedAt ?? now(parts),
  });
}

function insertDataset(
  { studies }: StudyStore,
  study: string,
  archived: ReadDataset,
  position: number,
  { images, maps }: StoredArrays,
): void {
  const { dataset, modelSha256, datasetKey, engineKey, classes, rows } = archived;
  studies.putDataset(study, {
    dataset,
    position,
    modelSha256,
    datasetKey,
    engineKey,
    classes,
    images,
  });
  studies.putImages(study, dataset, rows);
  for (const { method, composition } of archived.maps) {
    const artifact = maps.get(method);
    if (artifact) studies.putMap(study, { dataset, method, composition, artifact });
  }
}

function insertPeople(parts: Pick<StoreParts, 'newId' | 'studyStore'>, archive: ReadStudy): void {
  const { id: study } = archive.manifest.study;
  const { raters, ratingEvents, studyLog } = parts.studyStore;
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
