import { randomUUID } from 'node:crypto';
import { StudioError } from '../../../shared/errors';
import { ratingLabels } from '../../../shared/ratings/questions';
import { type ImportSummary } from '../../../shared/ratings/results';
import { atLine, refuseCell } from '../ratings/csv-cells';
import { type LongRow, readLong } from '../ratings/long-format';
import { type RatingRow } from '../storage/rating-events';
import { type StoredStudy } from '../storage/studies';
import { type Core, now } from './core';

/** What makes two rows the same rating: the trial tells ratings of other kinds than main apart. */
type Keyed = Pick<
  RatingRow,
  'rater' | 'dataset' | 'image' | 'method' | 'question' | 'kind' | 'trial'
>;

/** Labels from elsewhere: a file in the long format is taken as a whole or not at all. */
export class RatingsImport {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /**
   * Import the text of a CSV file. Throws `invalid-input` with line, column, value and what is
   * accepted, and `conflict` with the line where the file contradicts what is stored.
   */
  import(csv: string): ImportSummary {
    const rows = readLong(csv);
    refuseDuplicates(rows);
    refuseOtherSpellings(rows);
    const changed: string[] = [];
    const summary = this.#core.database.transaction((): ImportSummary => {
      const studies: ImportSummary['studies'] = [];
      let added = 0;
      for (const [name, own] of groupBy(rows, ({ study }) => study)) {
        const { study, created } = this.#study(name, own[0]?.line ?? 1);
        const count = this.#add(study, own);
        if (created || count > 0) changed.push(study.id);
        added += count;
        const known = studies.some(({ id }) => id === study.id);
        if (!known) studies.push({ id: study.id, name: study.name, created });
      }
      return { rows: rows.length, added, unchanged: rows.length - added, studies };
    });
    for (const study of changed) this.#core.events.emit({ type: 'study.changed', study });
    return summary;
  }

  /** A study that does not exist is made; one with raters at work takes no labels from elsewhere. */
  #study(name: string, line: number): { study: StoredStudy; created: boolean } {
    const { studies, newId } = this.#core;
    const byId = studies.get(name);
    const named = byId ? [byId] : studies.named(name);
    const [study, second] = named;
    if (second) {
      const ids = named.map(({ id, version }) => `${id} (version ${version})`).join(', ');
      throw refuseCell(line, 'study', name, `the id of one of its versions: ${ids}`);
    }
    if (study) {
      if (study.state === 'closed') return { study, created: false };
      throw new StudioError({
        code: 'conflict',
        message: `Line ${line}: the study ${study.name} is ${study.state}, so that it takes no labels from elsewhere: close it first, or name another study. Nothing was imported.`,
        details: { line: String(line), study: study.id },
      });
    }
    const at = now(this.#core);
    const made: StoredStudy = {
      id: newId('study'),
      name,
      version: 1,
      previous: null,
      origin: 'imported',
      state: 'closed',
      config: null,
      hash: null,
      job: null,
      revealedAt: null,
      createdAt: at,
      closedAt: at,
    };
    studies.insert(made);
    return { study: made, created: true };
  }

  /** Answers with how many were not there yet. */
  #add(study: StoredStudy, rows: readonly LongRow[]): number {
    const { ratingEvents, raters, studyLog, newId } = this.#core;
    const recordedAt = now(this.#core);
    const known = new Map(ratingEvents.counted(study.id).map((row) => [keyOf(row), row]));
    const repeats = new Map<string, number>();
    for (const row of known.values()) {
      if (row.kind !== 'repeat') continue;
      const pair = pairOf(row);
      repeats.set(pair, Math.max(repeats.get(pair) ?? 0, row.repeat));
    }
    const codes = this.#checkRaters(study, rows);
    let added = 0;
    for (const row of rows) {
      const present = known.get(keyOf(row));
      if (present?.score === row.score) continue;
      if (present) throw otherLabel(row, present);
      if (!codes.has(row.rater)) {
        codes.add(row.rater);
        raters.insert({
          id: newId('rater'),
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

  /** Codes differ by more than case, and who has withdrawn stays out. Answers with those known. */
  #checkRaters(study: StoredStudy, rows: readonly LongRow[]): Set<string> {
    const stored = new Map(
      this.#core.raters.list(study.id).map(({ code }) => [code.toLowerCase(), code]),
    );
    const withdrawn = new Set(this.#core.ratingEvents.withdrawn(study.id));
    for (const { line, rater } of rows) {
      const code = stored.get(rater.toLowerCase());
      if (code !== undefined && code !== rater) {
        throw refuseCell(line, 'rater', rater, `${code}, as the study spells this code`);
      }
      if (withdrawn.has(rater)) {
        throw new StudioError({
          code: 'conflict',
          message: `Line ${line}, column rater: ${rater} has taken consent back in the study ${study.name}: leave out this rater's rows. Nothing was imported.`,
          details: { line: String(line), column: 'rater', rater },
        });
      }
    }
    return new Set(stored.values());
  }
}

function keyOf(row: Keyed): string {
  const { kind, trial } = row;
  return JSON.stringify([pairOf(row), kind, kind === 'main' ? null : trial]);
}

function pairOf({ rater, dataset, image, method, question }: Keyed): string {
  return JSON.stringify([rater, dataset, image, method, question]);
}

function refuseDuplicates(rows: readonly LongRow[]): void {
  const lines = new Map<string, number>();
  for (const row of rows) {
    const key = JSON.stringify([row.study, keyOf(row)]);
    const first = lines.get(key);
    if (first !== undefined) {
      const what = row.kind === 'main' ? '' : `, kind ${row.kind}, trial ${row.trial ?? 'none'}`;
      throw atLine(
        row.line,
        `rates the same as line ${first} (study ${row.study}, rater ${row.rater}, dataset ${row.dataset}, image ${row.image}, method ${row.method}, question ${row.question}${what}); accepted: one row for each of these`,
      );
    }
    lines.set(key, row.line);
  }
}

function refuseOtherSpellings(rows: readonly LongRow[]): void {
  const spelled = new Map<string, LongRow>();
  for (const row of rows) {
    const key = JSON.stringify([row.study, row.rater.toLowerCase()]);
    const first = spelled.get(key);
    if (first === undefined) spelled.set(key, row);
    else if (first.rater !== row.rater) {
      const accepted = `${first.rater}, as line ${first.line} spells this code (case does not tell raters apart)`;
      throw refuseCell(row.line, 'rater', row.rater, accepted);
    }
  }
}

function otherLabel(row: LongRow, present: RatingRow): StudioError {
  const label = (score: number) => ratingLabels[score - 1] ?? String(score);
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

function groupBy<T>(rows: readonly T[], key: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group) group.push(row);
    else groups.set(key(row), [row]);
  }
  return groups;
}
