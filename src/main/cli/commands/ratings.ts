import {
  chosenReadingSchema,
  delimiterCharacters,
  delimiters,
  readingWords,
} from '../../../shared/csv-reading';
import { refuse, StudioError } from '../../../shared/errors';
import { toldApart } from '../../../shared/identifying-text';
import { someNames } from '../../../shared/name-list';
import { type RaterRecord } from '../../../shared/ratings/study';
import { type CommandContext, exits, type Outcome, withApp } from '../context';
import { linesOf, namedFile, refusingFile, textOf, writeTo } from '../files';
import { findStudy, foundBy } from '../find-study';
import { given, parseOptions } from '../options';
import { outFile } from '../places';

export interface RatingsImportOptions {
  readonly encoding?: string;
  readonly delimiter?: string;
  readonly decimal?: string;
}

/** Labels from elsewhere, in the long format: a file is taken whole or not at all. */
export async function ratingsImport(
  context: CommandContext,
  path: string,
  { encoding, delimiter, decimal }: RatingsImportOptions,
): Promise<Outcome> {
  const reading = parseOptions(
    chosenReadingSchema,
    given({
      encoding: encoding?.toLowerCase(),
      // The character itself will do.
      delimiter: delimiters.find((name) => delimiterCharacters[name] === delimiter) ?? delimiter,
      decimal,
    }),
    { encoding: '--encoding', delimiter: '--delimiter', decimal: '--decimal' },
  );
  const file = await namedFile(path);
  const summary = await withApp(context, 'write', async ({ api, files }) => {
    return refusingFile(async () => {
      const { upload } = await files.adopt(file);
      return api.call('ratings.import', { upload, reading }).catch((error: unknown) => {
        throw error instanceof StudioError ? withOption(error) : error;
      });
    });
  });
  const { rows, added, unchanged, studies } = summary;
  context.say(`Read as ${readingWords(summary.reading)}.`);
  for (const note of summary.reading.notes) context.say(note);
  return {
    json: { command: 'ratings import', ...summary },
    text: [
      `${rows} rows: ${added} added, ${unchanged} there already.`,
      ...studies.map(({ id, name, created }) => `${name} (${id})${created ? ', new' : ''}`),
    ],
    exit: exits.done,
  };
}

/** What a person can choose about reading a file, said as the option that chooses it. */
function withOption(error: StudioError): StudioError {
  const { field, message, details = {} } = error.data;
  const { encoding } = details;
  if (field === 'encoding' && encoding !== undefined) {
    const lines = Object.entries(details).filter(([name]) => name.startsWith('line '));
    const shown = lines.map(([name, text]) => `  ${name}: ${text}`).join('\n');
    const text = `${message}\nAs ${encoding} it would be read so:\n${shown}\nIf that is right, add --encoding ${encoding}.`;
    return new StudioError({ ...error.data, message: text }, error);
  }
  if (field !== 'delimiter' && field !== 'decimal') return error;
  return new StudioError(
    { ...error.data, message: `${message} Choose it with --${field}.` },
    error,
  );
}

export interface RatingsExportOptions {
  readonly study: string;
  readonly out?: string;
}

/** The labels of a study that count, in the long format. */
export async function ratingsExport(
  context: CommandContext,
  { study: named, out }: RatingsExportOptions,
): Promise<Outcome> {
  const to = out === undefined ? null : await outFile(out);
  return withApp(context, 'read', async (app) => {
    const { api } = app;
    const study = await findStudy(api, named);
    const file = await api.call('ratings.export', { study: study.id });
    const about = { command: 'ratings export', study: study.id };
    if (to === null) {
      const content = await textOf(app, file);
      return { json: { ...about, content }, text: linesOf(content), exit: exits.done };
    }
    const path = await writeTo(to, app, file);
    return {
      json: { ...about, files: [path] },
      text: [`Written to ${path}.`],
      exit: exits.done,
    };
  });
}

export interface RatingsEraseOptions {
  readonly study: string;
  readonly rater: string;
}

/** By the code as it is stored, in plain text or by its look; where several have it, by the id. */
function raterNamed(raters: readonly RaterRecord[], named: string): RaterRecord {
  const found = foundBy(named, raters, ({ code }) => code);
  const [rater] = found;
  if (rater && found.length === 1) return rater;
  if (found.length > 1) {
    const ids = found.map(({ id, code }) => `${id} (${toldApart([code])})`);
    throw refuse('--rater', named, `the id of one of those that look so: ${ids.join(', ')}`);
  }
  const all = someNames(raters.map(({ code }) => code));
  throw refuse('--rater', named, all === '' ? 'a rater: the study has none' : all);
}

/** Takes a rater out of the database for good, after a backup. */
export async function ratingsErase(
  context: CommandContext,
  { study: named, rater: code }: RatingsEraseOptions,
): Promise<Outcome> {
  return withApp(context, 'write', async ({ api }) => {
    const study = await findStudy(api, named);
    const raters = await api.call('raters.list', { study: study.id });
    const rater = raterNamed(raters, code);
    const erased = await api.call('ratings.erase', { rater: rater.id });
    return {
      json: { command: 'ratings erase', study: study.id, rater: rater.code, ...erased },
      text: [
        `${rater.code} is erased from ${study.name}: ${erased.rows} events.`,
        `The database before that is kept in ${erased.backup.path}, with this rater: delete it once you are sure.`,
      ],
      exit: exits.done,
    };
  });
}
