import { type z } from 'zod';
import { canonicalJson } from '../../../../shared/canonical';
import {
  builtInMethods,
  composedMethodId,
  importedMethodId,
  isImportedComposition,
  type Method,
  shortMethodId,
} from '../../../../shared/catalogue/methods';
import { valueAt } from '../../../../shared/checked-reads';
import { StudioError } from '../../../../shared/errors';
import { decodeNpy } from '../../../../shared/npy';
import { type StudyConfig, studyConfigSchema } from '../../../../shared/ratings/study';
import { type RunScores } from '../../evaluation/runs-repository';
import { askedIn } from '../asked';
import {
  type ArchivedDataset,
  type ArchivedRun,
  jsonFile,
  type Manifest,
  parseFile,
  readManifest,
} from './manifest';
import {
  eventsFile,
  imagesFile,
  logFile,
  ratersFile,
  readRecords,
  type RecordFile,
  runImagesFile,
  runScoresFile,
  sessionsFile,
  trialsFile,
} from './records';
import { refused } from './refused';
import { type Files } from './zip';

type Rows<F> = F extends RecordFile<infer S> ? z.output<S>[] : never;

export interface ReadDataset extends ArchivedDataset {
  readonly rows: Rows<ReturnType<typeof imagesFile>>;
  readonly images: Uint8Array;
  /** By method. */
  readonly arrays: ReadonlyMap<string, Uint8Array>;
}

export interface ReadRun extends ArchivedRun {
  readonly images: Rows<ReturnType<typeof runImagesFile>>;
  readonly scores: readonly RunScores[];
}

/** A whole archive, every part checked against the others. */
export interface ReadStudy {
  readonly manifest: Manifest;
  readonly config: StudyConfig | null;
  readonly datasets: readonly ReadDataset[];
  readonly runs: readonly ReadRun[];
  readonly events: Rows<typeof eventsFile>;
  readonly raters: Rows<typeof ratersFile>;
  readonly trials: Rows<typeof trialsFile>;
  readonly sessions: Rows<typeof sessionsFile>;
  readonly log: Rows<typeof logFile>;
}

/** Read and check all of an archive. Throws `corrupt-file` naming the file and what is wrong. */
export function readArchive(files: Files): ReadStudy {
  const manifest = readManifest(files);
  const rows = <S extends z.ZodObject>(file: RecordFile<S>) => {
    const bytes = files.get(file.path);
    if (!bytes) throw refused(`${file.path} is missing`);
    return readRecords(file, bytes, manifest.guardedCells);
  };
  const study: ReadStudy = {
    manifest,
    config: parseFile('config.json', studyConfigSchema.nullable(), jsonFile(files, 'config.json')),
    datasets: manifest.datasets.map((dataset) => readDataset(files, dataset, rows)),
    runs: manifest.runs.map((run) => readRun(run, rows)),
    events: rows(eventsFile),
    raters: rows(ratersFile),
    trials: rows(trialsFile),
    sessions: rows(sessionsFile),
    log: rows(logFile),
  };
  checkMethods(study);
  checkMaps(study);
  checkPeople(study);
  checkAnswers(study);
  checkDatasets(study);
  return study;
}

type ReadRows = <S extends z.ZodObject>(file: RecordFile<S>) => z.output<S>[];

function readDataset(files: Files, dataset: ArchivedDataset, read: ReadRows): ReadDataset {
  const folder = `datasets/${dataset.dataset}`;
  const rows = read(imagesFile(folder));
  const images = arrayFile(files, `${folder}/images.npy`, 'uint8', [rows.length, rows.length]);
  // Practice images have no maps of their own; they come last.
  const counts = [rows.filter(({ practice }) => !practice).length, rows.length] as const;
  const arrays = new Map<string, Uint8Array>();
  for (const { method } of dataset.maps) {
    const path = `${folder}/maps/${method}.npy`;
    if (arrays.has(method)) throw refused(`manifest.json lists the maps of ${method} twice`);
    arrays.set(method, arrayFile(files, path, 'float32', counts, images.shape).bytes);
  }
  return { ...dataset, rows, images: images.bytes, arrays };
}

/** The bytes of an array of at least and at most so many images, as high and wide as `like`. */
function arrayFile(
  files: Files,
  path: string,
  dtype: 'uint8' | 'float32',
  [least, most]: readonly [number, number],
  like?: readonly number[],
): { bytes: Uint8Array; shape: readonly number[] } {
  const bytes = files.get(path);
  if (!bytes) throw refused(`${path} is missing`);
  const { shape, data } = decoded(bytes, path);
  const type = dtype === 'uint8' ? Uint8Array : Float32Array;
  const fits =
    data instanceof type &&
    shape.length === 4 &&
    valueAt(shape, 0) >= least &&
    valueAt(shape, 0) <= most &&
    (!like || (shape[1] === like[1] && shape[2] === like[2]));
  if (!fits) throw refused(`${path} is no ${dtype} array of ${least} images that fits the others`);
  return { bytes, shape };
}

function decoded(bytes: Uint8Array, path: string) {
  try {
    return decodeNpy(bytes, path);
  } catch (error) {
    if (!(error instanceof StudioError)) throw error;
    throw refused(error.message.replace(/\.$/, ''), error);
  }
}

function readRun(run: ArchivedRun, read: ReadRows): ReadRun {
  const folder = `roar/${run.dataset}`;
  const images = read(runImagesFile(folder));
  const file = runScoresFile(folder);
  const { methods, levels } = run.settings;
  const blocks = new Map<
    string,
    { method: string; level: number; score: number[]; tied: number[] }
  >();
  for (const { method, level, position, score, tied } of read(file)) {
    const key = JSON.stringify([method, level]);
    const block = blocks.get(key) ?? { method, level, score: [], tied: [] };
    blocks.set(key, block);
    if (position !== block.score.length || tied < 0 || tied > 1) {
      throw refused(
        `${file.path}: position ${position} of ${method} at level ${level} is out of place`,
      );
    }
    block.score.push(score);
    block.tied.push(tied);
  }
  const scores = methods.flatMap((method) =>
    levels.map((level): RunScores => {
      const block = blocks.get(JSON.stringify([method, level]));
      if (block?.score.length !== images.length) {
        throw refused(`${file.path} lacks scores of ${method} at level ${level}`);
      }
      return { method, level, scores: block.score, tied: block.tied };
    }),
  );
  if (scores.length !== blocks.size) throw refused(`${file.path} has scores that its run has not`);
  if (images.length !== run.settings.images || images.some((row, i) => row.position !== i)) {
    throw refused(
      `${folder}/images.csv does not list the ${run.settings.images} images of its run`,
    );
  }
  return { ...run, images, scores };
}

/** Every method that is named has a composition, here or in the catalogue. */
function checkMethods({ manifest, config, runs }: ReadStudy): void {
  const known = new Set([...builtInMethods, ...manifest.methods].map(({ id }) => id));
  const named = [...(config?.methods ?? []), ...runs.flatMap(({ settings }) => settings.methods)];
  for (const id of named) {
    if (!known.has(id)) throw refused(`manifest.json does not say what the method ${id} is`);
  }
  for (const key of ['id', 'composition'] as const) {
    const listed = manifest.methods.map((method) => method[key]);
    const twice = listed.find((one, i) => listed.indexOf(one) !== i);
    if (twice !== undefined) throw refused(`manifest.json lists the method ${twice} twice`);
  }
  for (const method of manifest.methods) {
    if (!idsFor(method).includes(method.id)) {
      throw refused(`manifest.json calls ${method.composition} by the id ${method.id}`);
    }
    const own = builtInMethods.find(({ id }) => id === method.id);
    const differs = own
      ? own.composition !== method.composition
      : method.group === 'imported'
        ? !method.imported || !isImportedComposition(method.composition)
        : method.group !== 'composed' || isImportedComposition(method.composition);
    if (differs) {
      throw refused(`manifest.json composes ${method.id} as ${method.composition}`);
    }
  }
}

/** What a method made or brought by a person is called by its content; at first by a part of it. */
function idsFor({ id, group, composition }: Method): string[] {
  if (group === 'composed') return [composedMethodId(composition)];
  if (group !== 'imported') return [id];
  const whole = importedMethodId(composition);
  return [whole, shortMethodId(whole)];
}

/** The maps of a method are of what the manifest says that it is. */
function checkMaps({ manifest, datasets }: ReadStudy): void {
  const known = new Map([...builtInMethods, ...manifest.methods].map((one) => [one.id, one]));
  for (const { dataset, maps } of datasets) {
    for (const { method, composition } of maps) {
      const stated = known.get(method)?.composition;
      if (stated === undefined || stated === composition) continue;
      throw refused(
        `manifest.json says that the maps of ${method} of ${dataset} are of ${composition}, and that the method is ${stated}`,
      );
    }
  }
}

function checkPeople({ raters, trials, sessions, events }: ReadStudy): void {
  const codes = new Set(raters.map(({ code }) => code));
  const folded = new Set(raters.map(({ code }) => code.toLowerCase()));
  if (folded.size !== raters.length) throw refused('raters.csv has a code twice');
  for (const { path, rows } of [
    { path: trialsFile.path, rows: trials },
    { path: sessionsFile.path, rows: sessions },
    { path: eventsFile.path, rows: events },
  ]) {
    const stranger = rows.find(({ rater }) => !codes.has(rater));
    if (stranger)
      throw refused(`${path} names the rater ${stranger.rater}, whom raters.csv has not`);
  }
  if (new Set(sessions.map(({ id }) => id)).size !== sessions.length) {
    throw refused('sessions.csv has a session twice');
  }
  const seen = new Set<string>();
  for (const { event, action, ...row } of events) {
    if (seen.has(event)) throw refused(`events.csv has the event ${event} twice`);
    seen.add(event);
    const { dataset, image, method, question, kind, score } = row;
    if (action === 'withdraw') continue;
    // Else one label of a map could count twice.
    if (kind === 'main' && row.repeat !== 0) {
      throw refused(`events.csv: the event ${event} is a main trial that is a repeat`);
    }
    if ([dataset, image, method, question, kind, score].some((value) => value === null)) {
      throw refused(`events.csv: the event ${event} is not whole`);
    }
  }
}

/** Every label is one of a question that the study asks, and on its scale. */
function checkAnswers({ manifest, config, events, trials }: ReadStudy): void {
  const questions = askedIn({ config, questions: manifest.study.questions ?? null });
  const scales = new Map(questions.map(({ id, labels }) => [id, labels.length]));
  const where = config ? 'config.json' : 'manifest.json';
  events.forEach(({ question, score }, i) => {
    if (question === null) return;
    const cell = `${eventsFile.path}, line ${i + 2}, column`;
    const longest = scales.get(question);
    if (longest === undefined) {
      throw refused(`${cell} question: ${where} does not ask ${question}`);
    }
    if (score !== null && score > longest) {
      throw refused(
        `${cell} score: a whole number from 1 to ${longest}, as ${question} has labels`,
      );
    }
  });
  const stranger = trials.find(({ firstQuestion }) => !scales.has(firstQuestion));
  if (!stranger) return;
  throw refused(`trials.csv begins with ${stranger.firstQuestion}, which ${where} does not ask`);
}

function checkDatasets({ manifest, config, datasets, runs }: ReadStudy): void {
  const chosen = new Map(config?.datasets.map((entry) => [entry.dataset as string, entry]) ?? []);
  const listed = datasets.map(({ dataset }) => dataset);
  if (new Set(listed).size !== listed.length || listed.some((dataset) => !chosen.has(dataset))) {
    throw refused('manifest.json lists datasets that config.json has not');
  }
  if (manifest.study.origin === 'designed' && config === null) {
    throw refused('config.json is empty, though the study was designed here');
  }
  for (const { rows, dataset } of datasets) {
    const places = rows.map(({ position }) => position);
    if (canonicalJson(places) !== canonicalJson(rows.map((_, i) => i))) {
      throw refused(`datasets/${dataset}/images.csv does not count its images from 0`);
    }
  }
  for (const run of runs) {
    if (chosen.get(run.dataset)?.run !== run.id) {
      throw refused(`manifest.json holds the run ${run.id}, which config.json does not name`);
    }
  }
}
