import { z } from 'zod';
import { type ChosenReading } from '../../../shared/csv-reading';
import { lookOf, plainText, without } from '../../../shared/identifying-text';
import { hiddenIn } from '../../../shared/invisible';
import {
  labelOf,
  type QuestionId,
  questionOf,
  type TrialKind,
  trialKinds,
} from '../../../shared/ratings/questions';
import { type AskedQuestion, longColumns, requiredColumns } from '../../../shared/ratings/results';
import { type CsvRow, refuseCell } from '../export/csv/cells';
import { type CsvTable, readTable, type TableColumns } from '../export/csv/table';
import { csv } from '../export/text/csv';
import { type RatingRow } from './events-repository';
import { folded, StudyScales } from './scales';

/** The columns whose names may be stored already, written in another way. */
export const namingColumns = ['study', 'dataset', 'image', 'method', 'rater'] as const;
export type NamingColumn = (typeof namingColumns)[number];

/** One label of the long format as a file states it, in plain text. */
export interface LongRow {
  /** Where it stands in the file, from 1. */
  readonly line: number;
  /** A study's name, or its id. */
  readonly study: string;
  readonly dataset: string;
  readonly image: string;
  readonly method: string;
  readonly question: QuestionId;
  /** The code. */
  readonly rater: string;
  readonly session: string | null;
  readonly trial: string | null;
  readonly kind: TrialKind;
  /** The place of the label on the question's scale, from 1. */
  readonly score: number;
  readonly responseMs: number | null;
  /** ISO 8601: in UTC where the file states a zone, else as it stands there. */
  readonly ratedAt: string | null;
}

/** A row, and its names byte for byte: those that are stored so may hold what new ones may not. */
export interface WrittenRow {
  readonly row: LongRow;
  readonly written: Readonly<Record<NamingColumn, string>>;
}

/**
 * @param study what the file calls the study in each row
 * @param questions those of the study: their labels stand in the file
 */
export function writeLong(
  rows: Iterable<RatingRow>,
  study: string,
  questions: readonly AskedQuestion[],
): string {
  const lines: (string | number | null)[][] = [];
  for (const row of rows) {
    lines.push([
      study,
      row.dataset,
      row.image,
      row.method,
      row.question,
      row.rater,
      row.session,
      row.trial,
      row.kind,
      labelOf(questionOf(questions, row.question), row.score),
      row.score,
      row.responseMs,
      row.ratedAt,
    ]);
  }
  return csv(longColumns, lines);
}

const columns: TableColumns = {
  known: longColumns,
  required: requiredColumns,
  numbers: ['score', 'response_ms'],
  codes: ['image', 'rater', 'session', 'trial'],
};

/** The long format as a table, whatever program wrote it: its cells are not looked at. */
export const readLongTable = (text: string, chosen?: Omit<ChosenReading, 'encoding'>): CsvTable =>
  readTable(text, columns, chosen);

/** The scales of the study that a row names, by its plain name and as it is written. */
export type ScalesOf = (study: { readonly name: string; readonly written: string }) => StudyScales;

/** The scales of studies that are not there yet: a study's own are one object, however it is named. */
export function freshScales(): ScalesOf {
  const known = new Map<string, StudyScales>();
  return ({ name }) => {
    const scales = known.get(lookOf(name)) ?? StudyScales.fresh();
    known.set(lookOf(name), scales);
    return scales;
  };
}

/**
 * The labels of such a table, all or none: the first bad cell is refused (`invalid-input`) with its
 * line, column, value and what is accepted. `kind` is main where it is not stated. Questions and
 * labels are those of the row's study, which learns of others.
 */
export function longRows({ rows }: CsvTable, scalesOf: ScalesOf): WrittenRow[] {
  return rows.map((csvRow) => {
    const written = (column: NamingColumn) => csvRow.cells.get(column) ?? '';
    return {
      row: toRow(csvRow, scalesOf),
      written: {
        study: written('study'),
        dataset: written('dataset'),
        image: written('image'),
        method: written('method'),
        rater: written('rater'),
      },
    };
  });
}

export const readLong = (text: string, scalesOf: ScalesOf = freshScales()): LongRow[] =>
  longRows(readLongTable(text), scalesOf).map(({ row }) => row);

type Column = (typeof longColumns)[number];
type Cell = (column: Column) => string;

function toRow({ line, cells }: CsvRow, scalesOf: ScalesOf): LongRow {
  const written: Cell = (column) => cells.get(column) ?? '';
  const cell: Cell = (column) => plainText(written(column));
  const refused = (column: Column, accepted: string) =>
    refuseCell(line, column, written(column), accepted);

  const text = (column: Column, longest: number): string | null => {
    const value = cell(column);
    if (value === '') return null;
    if (value.length > longest) throw refused(column, `text of at most ${longest} characters`);
    return value;
  };
  /** Of what is stored by no name: what nobody sees must not tell two of them apart. */
  const seen = (column: Column, longest: number): string | null => {
    const hidden = hiddenIn(cell(column));
    if (hidden.length > 0) throw refused(column, `text ${without(hidden)}`);
    return text(column, longest);
  };
  const needed = (column: Column, longest = 200): string => {
    const value = text(column, longest);
    if (value === null) throw refused(column, 'a value: this column may not be empty');
    return value;
  };
  const oneOf = <T extends string>(column: Column, accepted: readonly T[]): T => {
    const found = accepted.find((value) => folded(value) === folded(cell(column)));
    if (found === undefined) throw refused(column, accepted.join(', '));
    return found;
  };
  const answer = (study: string) =>
    scalesOf({ name: study, written: written('study') }).read({
      line,
      refused,
      question: cell('question'),
      label: cell('label'),
      score: cell('score'),
    });
  const responseMs = (): number | null => {
    if (cell('response_ms') === '') return null;
    const accepted = 'milliseconds as a decimal number of at least 0';
    if (!/^\d+(\.\d+)?([eE][+-]?\d+)?$/.test(cell('response_ms'))) {
      throw refused('response_ms', accepted);
    }
    const value = Number(cell('response_ms'));
    if (!Number.isFinite(value)) throw refused('response_ms', accepted);
    return value;
  };
  const ratedAt = (): string | null => {
    // pandas and SQL write a space where ISO 8601 has a T.
    const value = cell('rated_at').replace(/^(\d{4}-\d\d-\d\d) (?=\d\d:)/, '$1T');
    if (value === '' || z.iso.date().safeParse(value).success) return value || null;
    if (z.iso.datetime({ offset: true }).safeParse(value).success) {
      return new Date(value).toISOString();
    }
    if (z.iso.datetime({ local: true }).safeParse(value).success) return value;
    throw refused('rated_at', 'an ISO 8601 date or time such as 2026-01-31T09:30:00Z');
  };

  const study = needed('study', 80);
  return {
    line,
    study,
    dataset: needed('dataset'),
    image: needed('image'),
    method: needed('method'),
    ...answer(study),
    rater: needed('rater', 80),
    session: seen('session', 200),
    trial: seen('trial', 200),
    kind: cell('kind') === '' ? 'main' : oneOf('kind', trialKinds),
    responseMs: responseMs(),
    ratedAt: ratedAt(),
  };
}
