import { type PairKappas } from '../results/rater-pairs';
import { csv } from './csv';

/**
 * Kappa of every two raters who rated a map in common, one pair a row, with the number of these maps;
 * an empty kappa is not defined, since both gave one and the same label throughout.
 */
export function kappasCsv(blocks: readonly PairKappas[]): Uint8Array {
  const header = ['question', 'dataset', 'rater_a', 'rater_b', 'kappa', 'maps'];
  return new TextEncoder().encode(csv(header, rowsOf(blocks)));
}

function* rowsOf(blocks: readonly PairKappas[]) {
  for (const { question, dataset, raters, first, second, n, value } of blocks) {
    for (let at = 0; at < n.length; at += 1) {
      const [a = '', b = ''] = [raters[first[at] as number], raters[second[at] as number]];
      const kappa = value[at] as number;
      yield [question, dataset, a, b, Number.isNaN(kappa) ? null : kappa, n[at] as number];
    }
  }
}
