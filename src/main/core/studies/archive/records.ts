import { z } from 'zod';
import { StudioError } from '../../../../shared/errors';
import { sessionIdSchema } from '../../../../shared/ids';
import {
  questionIdSchema,
  scoreSchema,
  trialKindSchema,
} from '../../../../shared/ratings/questions';
import { experienceSchema } from '../../../../shared/ratings/rating-routes';
import { unguarded } from '../../export/csv/guard';
import { readOwnCsv } from '../../export/csv/own';
import { csv } from '../../export/text/csv';
import { json } from '../../storage/json';
import { refused } from './refused';

/** Cells of CSV files as values: an empty cell is null where there may be none. */
const text = z.string();
const maybe = <S extends z.ZodType<unknown, string>>(schema: S) =>
  z
    .string()
    .transform((cell) => (cell === '' ? null : cell))
    .pipe(schema.nullable());
const number = z
  .string()
  .regex(/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i, 'a number')
  .transform(Number)
  .pipe(z.number());
/** Counts, places and sizes. */
const whole = number.pipe(z.int().nonnegative());
const flag = z.enum(['0', '1']).transform((cell) => cell === '1');

/** A list of records as one CSV file: what is written, what is read, and what each column is. */
export interface RecordFile<S extends z.ZodObject> {
  readonly path: string;
  readonly what: string;
  readonly schema: S;
  readonly columns: Readonly<Record<keyof S['shape'] & string, string>>;
}

function recordFile<S extends z.ZodObject>(
  path: string,
  what: string,
  schema: S,
  columns: RecordFile<S>['columns'],
): RecordFile<S> {
  return { path, what, schema, columns };
}

const eventShape = {
  event: text.min(1),
  rater: text.min(1),
  action: z.enum(['rate', 'change', 'withdraw']),
  dataset: maybe(z.string()),
  image: maybe(z.string()),
  method: maybe(z.string()),
  question: maybe(questionIdSchema),
  kind: maybe(trialKindSchema),
  repeat: whole,
  score: maybe(whole.pipe(scoreSchema)),
  session: maybe(z.string()),
  trial: maybe(z.string()),
  responseMs: maybe(number),
  monotonicMs: maybe(number),
  focusLosses: maybe(whole),
  unfocusedMs: maybe(number),
  zoomChanges: maybe(whole),
  zoom: maybe(number),
  overlayUses: maybe(whole),
  input: maybe(z.string()),
  screenWidth: maybe(whole),
  screenHeight: maybe(whole),
  pixelRatio: maybe(number),
  ratedAt: maybe(z.string()),
  recordedAt: text.min(1),
};

export const eventsFile = recordFile(
  'events.csv',
  'Every label ever given, changes included, in the order in which they came. Of the labels of one rater, dataset, image, method, question, kind and repeat (and trial, unless the kind is main) the last one counts.',
  z.object(eventShape),
  {
    event: 'Id of the event, drawn by the page that recorded it.',
    rater: 'Code of the rater.',
    action: 'rate, or change: a label for a trial and question that had one.',
    dataset: 'Id of the dataset.',
    image: 'The image: its index into the validation split.',
    method: 'Id of the method; of practice and attention trials the made picture.',
    question: 'Id of the question.',
    kind: 'main counts in the tables; repeat, practice and attention do not.',
    repeat: '0; of a repeated trial which showing it is, from 1.',
    score: 'The place of the label on the question’s scale, from 1.',
    session: 'Opening of the rating page, see sessions.csv.',
    trial: 'Position in the rater’s order, see trials.csv; empty for imported labels.',
    responseMs: 'Milliseconds from the first paint of the map with the question to the choice.',
    monotonicMs: 'The page’s monotonic clock at the choice, milliseconds.',
    focusLosses: 'How often the window lost focus since the paint.',
    unfocusedMs: 'Milliseconds out of focus since the paint.',
    zoomChanges: 'Changes of the zoom since the paint.',
    zoom: 'Zoom at the choice, screen pixels per pixel.',
    overlayUses: 'How often the map was laid over the image.',
    input: 'keyboard, mouse, touch, pen or other.',
    screenWidth: 'Of the rater’s screen, CSS pixels.',
    screenHeight: 'Likewise.',
    pixelRatio: 'Device pixels per CSS pixel.',
    ratedAt: 'Wall clock at the choice, ISO 8601; imported labels may have none.',
    recordedAt: 'When it was stored, ISO 8601.',
  },
);

export const ratersFile = recordFile(
  'raters.csv',
  'The raters, without those who took their consent back.',
  z.object({
    code: text.min(1),
    ordinal: whole,
    experience: maybe(experienceSchema),
    answers: maybe(json(z.record(z.string(), z.string()))),
    readAt: maybe(z.string()),
    consentedAt: maybe(z.string()),
    createdAt: text.min(1),
    lastSeenAt: maybe(z.string()),
  }),
  {
    code: 'Code of the rater, no name.',
    ordinal: 'Seed of the rater’s order, from 0.',
    experience: 'naive, or seen: has seen maps with their methods’ names before; empty: not asked.',
    answers: 'Answers to the background questions, JSON.',
    readAt: 'When the instructions were read.',
    consentedAt: 'When consent was given.',
    createdAt: 'When the rater was created.',
    lastSeenAt: 'Last visit.',
  },
);

export const trialsFile = recordFile(
  'trials.csv',
  'The order of each rater, drawn when consent was given.',
  z.object({
    rater: text.min(1),
    position: whole,
    kind: trialKindSchema,
    dataset: text,
    image: text,
    method: text,
    repeat: whole,
    firstQuestion: questionIdSchema,
    checkKind: maybe(z.enum(['instructed', 'flat'])),
    expectedLow: maybe(whole.pipe(scoreSchema)),
    expectedHigh: maybe(whole.pipe(scoreSchema)),
  }),
  {
    rater: 'Code of the rater.',
    position: 'Place in the order, from 0.',
    kind: 'main, repeat, practice or attention.',
    dataset: 'Id of the dataset.',
    image: 'Index into the validation split.',
    method: 'Id of the method; of practice and attention trials the made picture.',
    repeat: '0; of a repeated trial which showing it is, from 1.',
    firstQuestion: 'The question that was asked first.',
    checkKind: 'Of an attention check: instructed or flat.',
    expectedLow: 'Lowest score that passes the check.',
    expectedHigh: 'Highest score that passes the check.',
  },
);

export const sessionsFile = recordFile(
  'sessions.csv',
  'Openings of the rating page.',
  z.object({
    id: sessionIdSchema,
    rater: text.min(1),
    entry: z.enum(['desk', 'link']),
    screenWidth: whole,
    screenHeight: whole,
    pixelRatio: number,
    startedAt: text.min(1),
  }),
  {
    id: 'As events.csv names it.',
    rater: 'Code of the rater.',
    entry: 'desk: on the researcher’s machine; link: in a browser of the rater’s own.',
    screenWidth: 'CSS pixels.',
    screenHeight: 'CSS pixels.',
    pixelRatio: 'Device pixels per CSS pixel.',
    startedAt: 'ISO 8601.',
  },
);

export const logFile = recordFile(
  'log.csv',
  'What the researcher did that bears on the results.',
  z.object({ action: text.min(1), detail: text, at: text.min(1) }),
  {
    action: 'What was done.',
    detail: 'More of it, in words.',
    at: 'ISO 8601.',
  },
);

export const imagesFile = (folder: string) =>
  recordFile(
    `${folder}/images.csv`,
    'The images of images.npy in their order; the maps have the same order.',
    z.object({ position: whole, image: text.min(1), label: whole, practice: flag }),
    {
      position: 'Row of the arrays, from 0.',
      image: 'Index into the validation split.',
      label: 'Class, from 0, see classes in manifest.json.',
      practice: '1: shown in practice alone.',
    },
  );

export const runImagesFile = (folder: string) =>
  recordFile(
    `${folder}/images.csv`,
    'The images that the ROAR run evaluated.',
    z.object({ position: whole, image: whole, label: whole }),
    {
      position: 'Place within the run, from 0.',
      image: 'Index into the validation split.',
      label: 'Class, from 0.',
    },
  );

export const runScoresFile = (folder: string) =>
  recordFile(
    `${folder}/scores.csv`,
    'The score of every image at every level of the ROAR run.',
    z.object({ method: text.min(1), level: number, position: whole, score: number, tied: number }),
    {
      method: 'Id of the method whose top pixels were removed.',
      level: 'Share of the pixels that was removed.',
      position: 'Place within the run, see images.csv.',
      score: 'Softmax score of the ground-truth class, 0 to 1.',
      tied: 'Share of the removed pixels that ties decided, 0 to 1.',
    },
  );

export const runValuesFile = (folder: string) =>
  recordFile(
    `${folder}/values.csv`,
    'The mean of each method where the run has one value an image, which scores.csv lists at level 0.',
    z.object({
      method: text.min(1),
      mean: number,
      low: number.nullable(),
      high: number.nullable(),
      n: whole,
    }),
    {
      method: 'Id of the method.',
      mean: 'Mean of its values over images.',
      low: 'Lower end of its 95% interval over images; empty where there is one image.',
      high: 'Upper end, likewise.',
      n: 'Images.',
    },
  );

/** As they stand in the file's header: `responseMs` is `response_ms`. */
export const columnName = (key: string): string =>
  key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

type Value = string | number | boolean | null;

export function addRecords<S extends z.ZodObject>(
  files: Map<string, Uint8Array>,
  file: RecordFile<S>,
  records: readonly Readonly<Record<keyof S['shape'] & string, Value>>[],
): void {
  const keys = Object.keys(file.columns) as (keyof S['shape'] & string)[];
  const cell = (value: Value) => (typeof value === 'boolean' ? Number(value) : value);
  const rows = records.map((record) => keys.map((key) => cell(record[key])));
  files.set(file.path, new TextEncoder().encode(csv(keys.map(columnName), rows)));
}

/**
 * Throws `corrupt-file` with the file, the line and the column.
 *
 * @param guards whether an apostrophe before what a spreadsheet could run is to be taken away
 */
export function readRecords<S extends z.ZodObject>(
  file: RecordFile<S>,
  bytes: Uint8Array,
  guards: boolean,
): z.output<S>[] {
  const keys = Object.keys(file.columns);
  const names = keys.map(columnName);
  const textOf = (cell = '') => (guards ? unguarded(cell) : cell);
  try {
    const rows = readOwnCsv(decoded(bytes), { known: names, required: names });
    return rows.map(({ line, cells }) => {
      const cellsByKey = Object.fromEntries(
        keys.map((key) => [key, textOf(cells.get(columnName(key)))]),
      );
      const parsed = file.schema.safeParse(cellsByKey);
      if (parsed.success) return parsed.data;
      const [issue] = parsed.error.issues;
      const column = columnName(String(issue?.path[0] ?? ''));
      throw refused(
        `${file.path}, line ${line}, column ${column}: ${issue?.message ?? 'unreadable'}`,
      );
    });
  } catch (error) {
    if (!(error instanceof StudioError) || error.code === 'corrupt-file') throw error;
    const reason = error.data.message.replace(/\.? Nothing was imported\.$/, '');
    throw refused(`${file.path}: ${reason}`, error);
  }
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new StudioError({ code: 'invalid-input', message: 'It is not UTF-8 text.' }, error);
  }
}
