import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { z } from 'zod';
import { type Split } from '../../../shared/catalogue/datasets';
import { StudioError } from '../../../shared/errors';
import { decodeText } from '../../../shared/text-encoding';
import { breathe } from '../../runtime/cancel';
import { type FileTree, isPlainName, type Listing } from '../file-tree';
import { refusal } from '../refusal';
import {
  classNamed,
  type Found,
  type FoundImage,
  mayBeImage,
  splitNamed,
  splitWords,
} from './found';
import { maxImages } from './limits';

/** A list of images and their classes. */
export interface LabelList {
  /** Its name, for refusals. */
  readonly name: string;
  readonly text: string;
  readonly delimiter: string;
  /** Which cell is which column; -1: there is none. */
  readonly columns: Readonly<Record<Column, number>>;
}

const columns = ['path', 'label', 'split', 'mask'] as const;
type Column = (typeof columns)[number];

/** Lines that a refusal tells of. */
const toldLines = 20;

/** What a list of labels is, for refusals. */
export const listForm = 'a CSV with the columns path, label and, if wanted, split and mask';

/**
 * A list by its content, in UTF-8 or UTF-16, its cells between commas, semicolons or tabs.
 *
 * @returns null where its first line does not name the columns path and label
 * @throws StudioError `corrupt-file` where it is no text, or names a column twice
 */
export function labelList(name: string, bytes: Uint8Array): LabelList | null {
  const decoded = decodeText(bytes);
  if ('reason' in decoded) {
    throw refusal(name, `${decoded.reason}; accepted: text saved as UTF-8 or UTF-16`);
  }
  const { text } = decoded;
  const [first = ''] = text.split(/\r?\n/, 1);
  for (const delimiter of [',', ';', '\t']) {
    const cells = first.split(delimiter).map((cell) =>
      cell
        .trim()
        .replace(/^"(.*)"$/, '$1')
        .trim()
        .toLowerCase(),
    );
    const at = (column: Column) => cells.indexOf(column);
    if (at('path') < 0 || at('label') < 0) continue;
    const twice = columns.find((column) => at(column) !== cells.lastIndexOf(column));
    if (twice !== undefined) throw refusal(name, `its first line names the column ${twice} twice`);
    const found = { path: at('path'), label: at('label'), split: at('split'), mask: at('mask') };
    return { name, text, delimiter, columns: found };
  }
  return null;
}

/**
 * The images of a list. All of its lines are looked at before any is decoded: those that cannot be
 * right are told together, by their numbers.
 *
 * @param base the folder of the tree that paths count from
 * @throws StudioError `corrupt-file` naming the list and its lines; `cancelled`
 */
export async function findInList(
  tree: FileTree,
  base: string,
  list: LabelList,
  signal: AbortSignal | undefined,
): Promise<Found> {
  const { name } = list;
  const lines = new Lines(tree, base);
  const problems = new Map<string, string>();
  let wrong = 0;
  const images: FoundImage[] = [];
  let read = 0;
  for await (const { line, cells } of rowsOf(list)) {
    read += 1;
    if (read % 500 === 0) await breathe(signal);
    const found = await lines.read(cells);
    if ('why' in found) {
      wrong += 1;
      if (problems.size < toldLines) problems.set(`line ${line}`, found.why);
    } else images.push(found);
    if (images.length > maxImages) {
      throw refusal(name, `it lists more than ${maxImages.toLocaleString('en')} images`);
    }
  }
  if (wrong > 0) throw refuseLines(name, problems, wrong);
  if (images.length === 0) throw refusal(name, 'it lists no image');
  const without = images.find(({ split }) => split === null);
  if (without && images.some(({ split }) => split !== null)) {
    throw refusal(name, `it gives ${without.file} no split, and others have one`);
  }
  return { images, refused: [], notes: [] };
}

function refuseLines(
  list: string,
  problems: ReadonlyMap<string, string>,
  wrong: number,
): StudioError {
  const told = [...problems].map(([line, why]) => `${line}: ${why}`).join('; ');
  const more = wrong - problems.size;
  const rest = more > 0 ? `; and ${more.toLocaleString('en')} lines more` : '';
  return new StudioError({
    code: 'corrupt-file',
    message: `${list} is refused: ${told}${rest}.`,
    details: { file: list, ...Object.fromEntries(problems) },
  });
}

interface Cells {
  readonly path: string;
  readonly label: string;
  readonly split: string;
  readonly mask: string;
}

/** Looks at the lines of a list one by one. */
class Lines {
  readonly #tree: FileTree;
  readonly #base: string;
  readonly #paths = new Set<string>();
  readonly #folders = new Map<string, { listing: Listing | null; composed: Map<string, string> }>();
  /** Names of classes as they are kept: a million lines share them. */
  readonly #names = new Map<string, ReturnType<typeof classNamed>>();

  constructor(tree: FileTree, base: string) {
    this.#tree = tree;
    this.#base = base;
  }

  /** The image of a line, or what is wrong with it, as a clause. */
  async read(cells: Cells): Promise<FoundImage | { readonly why: string }> {
    const place = this.#place(cells.path, 'path');
    if (typeof place !== 'string') return place;
    const file = await this.#find(place);
    if (file === null) return { why: `there is no file ${cells.path}` };
    if (this.#paths.has(file)) return { why: `${cells.path} is listed twice` };
    this.#paths.add(file);
    if (cells.label.trim() === '') return { why: `${cells.path} has no label` };
    const named = this.#className(cells.label);
    if ('why' in named) return named;
    const split = this.#split(cells.split);
    if (typeof split === 'object' && split !== null) return split;
    let masked: string | undefined;
    if (cells.mask.trim() !== '') {
      const mask = this.#place(cells.mask, 'mask');
      if (typeof mask !== 'string') return mask;
      const found = await this.#find(mask);
      if (found === null) return { why: `there is no mask ${cells.mask}` };
      masked = found;
    }
    if (!(await mayBeImage(this.#tree, file))) return { why: `${cells.path} is no image` };
    return { file, className: named.name, split, mask: masked };
  }

  #className(text: string): ReturnType<typeof classNamed> {
    const known = this.#names.get(text) ?? classNamed(text);
    this.#names.set(text, known);
    return known;
  }

  #split(text: string): Split | null | { readonly why: string } {
    const word = text.trim();
    if (word === '') return null;
    const why = `its split is ${JSON.stringify(word)}; accepted: ${splitWords}`;
    return splitNamed(word) ?? { why };
  }

  /** The path of a cell in the tree. */
  #place(text: string, what: string): string | { readonly why: string } {
    const path = text
      .trim()
      .replaceAll('\\', '/')
      .replace(/^(\.\/)+/, '');
    if (path === '') return { why: `its ${what} is empty` };
    if (/^([a-z]:)?\//i.test(path)) return { why: `the ${what} ${text} is absolute` };
    const steps = path.split('/').filter((step) => step !== '.' && step !== '');
    if (steps.length === 0 || !steps.every(isPlainName)) {
      return { why: `the ${what} ${text} leads out of the folder` };
    }
    return this.#base === '' ? steps.join('/') : [this.#base, ...steps].join('/');
  }

  /** A file by its path, or by another spelling of the same name; null: there is none. */
  async #find(place: string): Promise<string | null> {
    const at = place.lastIndexOf('/');
    const [folder, name] = [place.slice(0, Math.max(0, at)), place.slice(at + 1)];
    let known = this.#folders.get(folder);
    if (!known) {
      const listing = await this.#tree.list(folder);
      // macOS writes names decomposed; a list has them as they were typed.
      const foreign = [...(listing?.files ?? [])].filter((file) => file.normalize() !== file);
      known = { listing, composed: new Map(foreign.map((file) => [file.normalize(), file])) };
      this.#folders.set(folder, known);
    }
    if (known.listing?.files.has(name)) return place;
    const composed = name.normalize();
    const other = known.listing?.files.has(composed) ? composed : known.composed.get(composed);
    return other === undefined ? null : place.slice(0, at + 1) + other;
  }
}

const recordSchema = z.object({
  record: z.array(z.string()),
  info: z.object({ lines: z.int(), empty_lines: z.int() }),
});

/** The lines below the first, with their numbers from 1. */
async function* rowsOf({ name, text, delimiter, columns: at }: LabelList) {
  let [end, skipped, header] = [0, 0, true];
  const parser = Readable.from(pieces(text)).pipe(
    parse({
      info: true,
      delimiter,
      relax_column_count: true,
      skip_empty_lines: true,
      record_delimiter: ['\r\n', '\n'],
    }),
  );
  try {
    for await (const read of parser) {
      const { record, info } = recordSchema.parse(read);
      const line = end + (info.empty_lines - skipped) + 1;
      [end, skipped] = [info.lines, info.empty_lines];
      if (record.some((cell) => /[\r\n]/.test(cell))) {
        throw refusal(name, `line ${line} has a line break within a cell`);
      }
      const cell = (column: Column) => record[at[column]] ?? '';
      if (!header) {
        const cells = { path: cell('path'), label: cell('label') };
        yield { line, cells: { ...cells, split: cell('split'), mask: cell('mask') } };
      }
      header = false;
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = 'lines' in error && typeof error.lines === 'number' ? error.lines : end + 1;
    throw refusal(
      name,
      `line ${line} has a quote that is out of place; accepted: quotes around a whole cell, closed, quotes within it doubled`,
    );
  }
}

/** Some lines at a time: a cut within a character would lose it. */
function* pieces(text: string): Generator<string> {
  const size = 2 ** 16;
  for (let start = 0; start < text.length;) {
    const cut = text.indexOf('\n', start + size);
    const end = cut < 0 ? text.length : cut + 1;
    yield text.slice(start, end);
    start = end;
  }
}
