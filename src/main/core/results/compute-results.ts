import { agreementOf, intraRater } from './agreement';
import { blocksOf } from './blocks';
import { cellsOf } from './cells';
import { correlationsOf } from './correlations';
import { filterRatings } from './filters';
import { friedmanOf } from './friedman';
import { type ComputedResults, type ResultsInput } from './input';
import { notesOf } from './notes';
import { orderDatasets, orderMethods } from './order';
import { paperCorrelations, paperFriedman } from './paper-statistics';
import { raterSummaries, repeatedLabels } from './rater-summaries';

/**
 * Everything about a study's ratings that is computed: tables, agreement, Friedman tests, human
 * against ROAR, raters. Equal inputs give equal results, whatever the order of the ratings.
 *
 * @throws RangeError for a score outside 1 to 5 or values that are not finite.
 */
export function computeResults(input: ResultsInput): ComputedResults {
  const filtered = filterRatings(input);
  const main = input.ratings.filter(({ kind }) => kind === 'main');
  const methods = orderMethods(input.methods, new Set(main.map(({ method }) => method)));
  const datasets = orderDatasets(input.datasets, new Set(main.map(({ dataset }) => dataset)));
  const blocks = blocksOf(filtered.counted, { methods, datasets }, input);
  const repeated = repeatedLabels(filtered);
  const repeatedOf = ({ question, dataset }: (typeof blocks)[number]) =>
    repeated.filter(
      (pair) =>
        pair.question === question &&
        pair.dataset === dataset &&
        !filtered.excluded.has(pair.rater),
    );
  return {
    methods,
    datasets,
    tables: blocks.flatMap((block) => cellsOf(block, input.paper)),
    agreement: blocks.flatMap((block) => [
      ...agreementOf(block),
      ...intraRater(block, repeatedOf(block)),
    ]),
    friedman: blocks.map(friedmanOf),
    correlation: correlationsOf(blocks, input),
    raters: raterSummaries(filtered, repeated),
    paper: {
      correlation: paperCorrelations(input.paper),
      friedman: paperFriedman(input.paper),
    },
    counted: filtered.counted.length,
    leftOut: [...filtered.leftOut],
    images: [...filtered.images],
    notes: notesOf(blocks, input, methods),
  };
}
