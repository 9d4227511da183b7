import { type Cell, csvLine } from '../../export/text/csv';
import { type PairKappas } from '../rater-pairs';

const header = ['question', 'dataset', 'rater_a', 'rater_b', 'kappa', 'maps'];

/**
 * Kappa of every two raters who rated a map in common, one pair a row, with the number of these maps;
 * an empty kappa is not defined, since both gave one and the same label throughout.
 */
export function kappasCsv(blocks: readonly PairKappas[]): Uint8Array {
  // In pieces of bytes: of a million pairs lines of text would take several times what they say.
  const pieces: Buffer[] = [];
  let lines = csvLine(header);
  for (const row of rowsOf(blocks)) {
    lines += csvLine(row);
    if (lines.length < 2 ** 20) continue;
    pieces.push(Buffer.from(lines));
    lines = '';
  }
  return Buffer.concat([...pieces, Buffer.from(lines)]);
}

function* rowsOf(blocks: readonly PairKappas[]): Generator<Cell[]> {
  for (const { question, dataset, raters, first, second, n, value } of blocks) {
    for (let at = 0; at < n.length; at += 1) {
      const [a = '', b = ''] = [raters[first[at] as number], raters[second[at] as number]];
      const kappa = value[at] as number;
      yield [question, dataset, a, b, Number.isNaN(kappa) ? null : kappa, n[at] as number];
    }
  }
}
