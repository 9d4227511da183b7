import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type ChosenReading, type CsvReading } from '../../../shared/csv-reading';
import { canonicalJson } from '../../../shared/canonical';
import { refuse, StudioError, toErrorData } from '../../../shared/errors';
import { lookOf, NameIndex, toldApart, without } from '../../../shared/identifying-text';
import { type NewId } from '../../../shared/ids';
import { hiddenIn } from '../../../shared/invisible';
import { questionOf } from '../../../shared/ratings/questions';
import {
  type AskedQuestion,
  type ImportPreview,
  type ImportSummary,
} from '../../../shared/ratings/results';
import { readText } from '../../../shared/text-encoding';
import { atLine, refuseCell } from '../export/csv/cells';
import { type CsvTable } from '../export/csv/table';
import { type RatingRow } from '../ratings/events-repository';
import {
  freshScales,
  type LongRow,
  longRows,
  namingColumns,
  readLongTable,
  type ScalesOf,
  type WrittenRow,
} from '../ratings/long-format';
import { type StudyScales } from '../ratings/scales';
import { inStoredNames } from '../ratings/stored-names';
import { type Clock, now } from '../storage/environment';
import { type UploadedFile } from '../storage/transit/upload-store';
import { askedIn, scalesIn } from './asked';
import { type StoredStudy } from './studies-repository';
import { type StudyStore } from './study-store';

interface Parts {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly studyStore: StudyStore;
}

/** A table is read whole, and no text in memory is longer than half a GiB. */
const largestTable = 256 * 2 ** 20;

/** What makes two rows the same rating: the trial tells ratings of other kinds than main apart. */
type Keyed = Pick<
  RatingRow,
  'rater' | 'dataset' | 'image' | 'method' | 'question' | 'kind' | 'trial'
>;

interface FoundStudy {
  readonly study: StoredStudy;
  readonly created: boolean;
}

/** Labels from elsewhere: a file in the long format is taken as a whole or not at all. */
export class RatingsImport {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Preview a CSV file that has arrived; throws as `preview` does. */
  async previewFile(file: UploadedFile, chosen: ChosenReading): Promise<ImportPreview> {
    return this.preview(await bytesOf(file), chosen);
  }

  /** Import a CSV file that has arrived; throws as `import` does. */
  async importFile(file: UploadedFile, chosen: ChosenReading): Promise<ImportSummary> {
    return this.import(await bytesOf(file), chosen);
  }

  /**
   * How a CSV file would be read, with its first rows; what would be refused in it is the answer's
   * `problem`. Throws `invalid-input` where nothing can be read, or where the encoding, the separator
   * or the decimal mark is to be chosen (the field).
   */
  preview(bytes: Uint8Array, chosen: ChosenReading = {}): ImportPreview {
    const { table, reading } = tableOf(bytes, chosen);
    let problem: ImportPreview['problem'] = null;
    const scales = this.#scales();
    try {
      checkByItself(table, scales.named);
    } catch (error) {
      if (!(error instanceof StudioError)) throw error;
      problem = toErrorData(error);
    }
    const { columns, rows } = table;
    return {
      reading: withNotes(reading, scales.all),
      columns: [...columns],
      sample: rows
        .slice(0, shownRows)
        .map(({ cells }) =>
          columns.map((name) => (cells.get(name) ?? '').slice(0, shownCharacters)),
        ),
      rows: rows.length,
      problem,
    };
  }

  /**
   * Import a CSV file. Throws `invalid-input` with line, column, value and what is accepted, and
   * `conflict` with the line where the file contradicts what is stored.
   */
  import(bytes: Uint8Array, chosen: ChosenReading = {}): ImportSummary {
    const { table, reading } = tableOf(bytes, chosen);
    const scales = this.#scales();
    const rows = longRows(table, scales.named);
    const changed: string[] = [];
    const { studyStore } = this.#parts;
    const summary = studyStore.transaction((): ImportSummary => {
      const studies: ImportSummary['studies'] = [];
      let added = 0;
      for (const { study, created, own } of this.#byStudy(rows)) {
        const count = this.#add(study, withoutDuplicates(this.#inNames(study, own)));
        this.#keepQuestions(study, own, scales.named);
        if (created || count > 0) changed.push(study.id);
        added += count;
        studies.push({ id: study.id, name: study.name, created });
      }
      return {
        rows: rows.length,
        added,
        unchanged: rows.length - added,
        studies,
        reading: withNotes(reading, scales.all),
      };
    });
    for (const study of changed) studyStore.announce(study);
    return summary;
  }

  /** Rows by the study that they name, in whatever way, in the order of the file. */
  #byStudy(rows: readonly WrittenRow[]) {
    const found = new Map<string, FoundStudy>();
    const groups = new Map<string, FoundStudy & { readonly own: WrittenRow[] }>();
    for (const row of rows) {
      const { study, created } = found.get(row.written.study) ?? this.#study(row);
      found.set(row.written.study, { study, created });
      const group = groups.get(study.id) ?? { study, created, own: [] };
      group.own.push(row);
      groups.set(study.id, group);
    }
    return groups.values();
  }

  /** The scales of the studies that rows name, as they are stored; `all`: those that were asked for. */
  #scales(): { readonly named: ScalesOf; readonly all: ReadonlySet<StudyScales> } {
    const fresh = freshScales();
    const byStudy = new Map<string, StudyScales>();
    const byName = new Map<string, StudyScales>();
    const all = new Set<StudyScales>();
    const find: ScalesOf = (named) => {
      const [study, second] = this.#named(named).studies;
      // One that several studies have is refused where the row's study is looked for.
      if (!study || second) return fresh(named);
      const scales = byStudy.get(study.id) ?? scalesIn(study);
      byStudy.set(study.id, scales);
      return scales;
    };
    return {
      all,
      named: (named) => {
        const scales = byName.get(named.written) ?? find(named);
        byName.set(named.written, scales);
        all.add(scales);
        return scales;
      },
    };
  }

  /** What an imported study asks by all of its files. */
  #keepQuestions(study: StoredStudy, rows: readonly WrittenRow[], scalesOf: ScalesOf): void {
    const [first] = rows;
    if (study.config || !first) return;
    const stated = scalesOf({ name: first.row.study, written: first.written.study }).stated();
    if (canonicalJson(stated) === canonicalJson(study.questions)) return;
    this.#parts.studyStore.studies.setQuestions(study.id, stated);
  }

  /** The studies of a name, or of an id, and how their names are stored. */
  #named({ name, written }: { readonly name: string; readonly written: string }) {
    const { studies } = this.#parts.studyStore;
    const byId = studies.get(name);
    if (byId) return { studies: [byId], names: [byId.name] };
    const names = new NameIndex(
      studies.list().map((stored) => stored.name),
      lookOf,
    ).find(written);
    return { studies: names.flatMap((stored) => studies.named(stored)), names };
  }

  /** A study that does not exist is made; one with raters at work takes no labels from elsewhere. */
  #study({ row, written }: WrittenRow): FoundStudy {
    const { line, study: name } = row;
    const { newId, studyStore } = this.#parts;
    const { studies: named, names } = this.#named({ name, written: written.study });
    const [study, second] = named;
    if (second) {
      const versions = named.map(({ id, name: its, version }) => {
        const which = names.length > 1 ? `${toldApart([its])}, ` : '';
        return `${id} (${which}version ${version})`;
      });
      const accepted = `the id of one of its versions: ${versions.join(', ')}`;
      throw refuseCell(line, 'study', written.study, accepted);
    }
    if (study) {
      if (study.state === 'closed') return { study, created: false };
      throw new StudioError({
        code: 'conflict',
        message: `Line ${line}: the study ${study.name} is ${study.state}, so that it takes no labels from elsewhere: close it first, or name another study. Nothing was imported.`,
        details: { line: String(line), study: study.id },
      });
    }
    const hidden = hiddenIn(name);
    if (hidden.length > 0) {
      throw refuseCell(line, 'study', written.study, `text ${without(hidden)}`);
    }
    const at = now(this.#parts);
    const made: StoredStudy = {
      id: newId('study'),
      name,
      version: 1,
      previous: null,
      origin: 'imported',
      state: 'closed',
      config: null,
      questions: null,
      hash: null,
      job: null,
      revealedAt: null,
      createdAt: at,
      closedAt: at,
    };
    studyStore.studies.insert(made);
    return { study: made, created: true };
  }

  /** Answers with how many were not there yet. */
  #add(study: StoredStudy, rows: readonly LongRow[]): number {
    const { ratingEvents, raters, studyLog } = this.#parts.studyStore;
    const questions = askedIn(study);
    const recordedAt = now(this.#parts);
    const known = new Map(ratingEvents.counted(study.id).map((row) => [keyOf(row), row]));
    const repeats = new Map<string, number>();
    for (const row of known.values()) {
      if (row.kind !== 'repeat') continue;
      const pair = pairOf(row);
      repeats.set(pair, Math.max(repeats.get(pair) ?? 0, row.repeat));
    }
    const codes = new Set(raters.list(study.id).map(({ code }) => code));
    let added = 0;
    for (const row of rows) {
      const present = known.get(keyOf(row));
      if (present?.score === row.score) continue;
      if (present) throw otherLabel(row, present, questions);
      if (!codes.has(row.rater)) {
        codes.add(row.rater);
        raters.insert({
          id: this.#parts.newId('rater'),
          study: study.id,
          code: row.rater,
          ordinal: raters.nextOrdinal(study.id),
          createdAt: recordedAt,
        });
      }
      const { dataset, image, method, question, rater, session, trial, kind, score } = row;
      let repeat = 0;
      if (kind === 'repeat') {
        repeat = (repeats.get(pairOf(row)) ?? 0) + 1;
        repeats.set(pairOf(row), repeat);
      }
      ratingEvents.append({
        event: randomUUID(),
        action: 'rate',
        study: study.id,
        rater,
        dataset,
        image,
        method,
        question,
        kind,
        repeat,
        score,
        session,
        trial,
        responseMs: row.responseMs,
        ratedAt: row.ratedAt,
        recordedAt,
      });
      added += 1;
    }
    if (added > 0) studyLog.add(study.id, 'ratings.imported', `${added} labels`, recordedAt);
    return added;
  }

  /** In the study's own names; who has withdrawn stays out. */
  #inNames(study: StoredStudy, rows: readonly WrittenRow[]): WrittenRow[] {
    const { raters, ratingEvents } = this.#parts.studyStore;
    const stored = ratingEvents.counted(study.id);
    const withdrawn = new Set(ratingEvents.withdrawn(study.id));
    const named = inStoredNames(rows, {
      dataset: stored.map(({ dataset }) => dataset),
      image: stored.map(({ image }) => image),
      method: stored.map(({ method }) => method),
      rater: [
        ...raters.list(study.id).map(({ code }) => code),
        ...stored.map(({ rater }) => rater),
        ...withdrawn,
      ],
    });
    for (const {
      row: { line, rater },
    } of named) {
      if (withdrawn.has(rater)) {
        throw new StudioError({
          code: 'conflict',
          message: `Line ${line}, column rater: ${rater} has taken consent back in the study ${study.name}: leave out this rater's rows. Nothing was imported.`,
          details: { line: String(line), column: 'rater', rater },
        });
      }
    }
    return named;
  }
}

const shownRows = 5;
const shownCharacters = 100;

async function bytesOf({ name, path, bytes }: UploadedFile): Promise<Uint8Array> {
  if (bytes <= largestTable) return readFile(path);
  throw refuse('file', name, `a CSV file of at most ${largestTable / 2 ** 20} MiB; split it`);
}

/** The one way from the bytes of a file to its table. */
function tableOf(
  bytes: Uint8Array,
  { encoding: chosen, ...dialect }: ChosenReading,
): { table: CsvTable; reading: CsvReading } {
  const { text, encoding, notes } = readText(bytes, chosen);
  const table = readLongTable(text, dialect);
  return {
    table,
    reading: { encoding, ...table.reading, notes: [...notes, ...table.reading.notes] },
  };
}

/** With a sentence for each question whose scale was learned from the rows. */
function withNotes(reading: CsvReading, scales: Iterable<StudyScales>): CsvReading {
  const notes = [...scales].flatMap((each) =>
    each.learned().map(({ id, title, labels }) => {
      const scale = labels.map((label, i) => `${i + 1} ${label}`).join(', ');
      return `The question ${id} (${title}) is taken as its rows state it: ${scale}.`;
    }),
  );
  return { ...reading, notes: [...reading.notes, ...new Set(notes)] };
}

/** What can be refused in a table by itself: names are told apart as they are written. */
function checkByItself(table: CsvTable, scalesOf: ScalesOf): void {
  const rows = longRows(table, scalesOf).map(({ row, written }) => ({
    row: { ...row, ...written },
    written,
  }));
  for (const own of Map.groupBy(rows, ({ row }) => row.study).values()) withoutDuplicates(own);
}

function keyOf(row: Keyed): string {
  const { kind, trial } = row;
  return JSON.stringify([pairOf(row), kind, kind === 'main' ? null : trial]);
}

function pairOf({ rater, dataset, image, method, question }: Keyed): string {
  return JSON.stringify([rater, dataset, image, method, question]);
}

/**
 * Each rating once. Two rows for one are refused, but where names that were written in two ways are
 * the same and so is the label: a file put together out of two, which says nothing against itself.
 */
function withoutDuplicates(rows: readonly WrittenRow[]): LongRow[] {
  const kept = new Map<string, WrittenRow>();
  for (const one of rows) {
    const { row, written } = one;
    const key = keyOf(row);
    const first = kept.get(key);
    if (first === undefined) kept.set(key, one);
    else if (first.row.score !== row.score || sameWords(first.written, written)) {
      const what = row.kind === 'main' ? '' : `, kind ${row.kind}, trial ${row.trial ?? 'none'}`;
      throw atLine(
        row.line,
        `rates the same as line ${first.row.line} (study ${row.study}, rater ${row.rater}, dataset ${row.dataset}, image ${row.image}, method ${row.method}, question ${row.question}${what}); accepted: one row for each of these`,
      );
    }
  }
  return [...kept.values()].map(({ row }) => row);
}

const sameWords = (a: WrittenRow['written'], b: WrittenRow['written']): boolean =>
  namingColumns.every((column) => a[column] === b[column]);

function otherLabel(
  row: LongRow,
  present: RatingRow,
  questions: readonly AskedQuestion[],
): StudioError {
  const question = questionOf(questions, row.question);
  const label = (score: number) => question.labels[score - 1] ?? String(score);
  return new StudioError({
    code: 'conflict',
    message: `Line ${row.line}, column label: ${label(row.score)} contradicts what is stored for this rating, ${label(present.score)}: correct the file, or import it under another study. Nothing was imported.`,
    details: {
      line: String(row.line),
      column: 'label',
      file: label(row.score),
      stored: label(present.score),
    },
  });
}
