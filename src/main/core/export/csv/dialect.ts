import {
  type Delimiter,
  delimiterCharacters,
  delimiterNames,
  delimiters,
} from '../../../../shared/csv-reading';
import { valueAt } from '../../../../shared/checked-reads';
import { StudioError } from '../../../../shared/errors';
import { atLine, splitCells } from './cells';
import { columnNamed, type Columns } from './header';

export interface FoundDialect {
  readonly delimiter: Delimiter;
  /** With LF or CRLF line ends, and an empty line where the separator was named: lines keep their numbers. */
  readonly text: string;
  readonly notes: readonly string[];
}

/**
 * How a file parts its lines and cells, found once for all of it. The header decides: of all
 * separators one alone gives the columns that are wanted, whatever the cells hold.
 *
 * @param chosen the separator, where a person named one
 */
export function findDialect(text: string, columns: Columns, chosen?: Delimiter): FoundDialect {
  const notes: string[] = [];
  let content = text.replace(/^\ufeff+/, '');
  // Only outside quotes do they end lines.
  if (!content.replaceAll(/"[^"]*"/g, '').includes('\n') && content.includes('\r')) {
    content = content.replaceAll('\r', '\n');
    notes.push('Its line ends are those of old Macs (CR).');
  }
  const named = /^"?sep=(.)"?(?:\1|,|;|\t)*(?=\r?\n|$)/i.exec(content);
  const found = byHeader(named ? content.slice(named[0].length) : content, columns);
  if (!named) return { delimiter: chosen ?? found, text: content, notes };

  content = content.slice(named[0].length);
  const character = valueAt(named, 1);
  const declared = delimiters.find((name) => delimiterCharacters[name] === character);
  if (chosen !== undefined) {
    if (declared !== chosen) {
      notes.push(
        `Line 1 names another separator, ${JSON.stringify(character)}, than was chosen: it was passed over.`,
      );
    }
    return { delimiter: chosen, text: content, notes };
  }
  if (declared === undefined) {
    throw refusedDelimiter(
      `Line 1 names ${JSON.stringify(character)} as the separator`,
      delimiters.map((name) => delimiterNames[name]).join(', '),
    );
  }
  if (count(content, declared, columns) < count(content, found, columns)) {
    throw refusedDelimiter(
      `Line 1 names ${JSON.stringify(character)} as the separator, but the header has ${delimiterNames[found]} between its columns`,
      'the separator of the file, or one that is chosen',
    );
  }
  notes.push(`Line 1 names ${delimiterNames[declared]} as the separator.`);
  return { delimiter: declared, text: content, notes };
}

/** What gives the most columns that are known; else the most columns. */
function byHeader(text: string, columns: Columns): Delimiter {
  let best: { delimiter: Delimiter; known: number; all: number } | null = null;
  for (const delimiter of delimiters) {
    const known = count(text, delimiter, columns);
    const all = headerOf(text, delimiter).length;
    const better = !best || known > best.known || (known === best.known && all > best.all);
    if (better) best = { delimiter, known, all };
  }
  return best?.delimiter ?? 'comma';
}

/** How many columns that are known a separator gives. */
function count(text: string, delimiter: Delimiter, { known }: Columns): number {
  const names = headerOf(text, delimiter).map((name) => columnNamed(name, known));
  return new Set(names.filter((name) => name !== null)).size;
}

/** The first line that is not empty; nothing where it cannot be parted so. */
function headerOf(text: string, delimiter: Delimiter): readonly string[] {
  const line = /^.*\S.*$/m.exec(text)?.[0] ?? '';
  try {
    return splitCells(line, delimiterCharacters[delimiter])[0]?.cells ?? [];
  } catch (error) {
    if (error instanceof StudioError) return [];
    throw error;
  }
}

function refusedDelimiter(problem: string, accepted: string): StudioError {
  const { data } = atLine(1, 'cannot be read');
  return new StudioError({
    ...data,
    message: `${problem}; accepted: ${accepted}. Nothing was imported.`,
    field: 'delimiter',
    accepted,
  });
}
