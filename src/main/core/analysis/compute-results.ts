import { questionOf } from '../../../shared/ratings/questions';
import { mostListedPairs } from '../../../shared/ratings/results';
import { agreementOf, intraRater } from './agreement';
import { blocksOf, ratedBlocks } from './blocks';
import { cellsOf } from './cells';
import { correlationsOf } from './correlations';
import { filterNotes } from './filter-notes';
import { filterRatings } from './filters';
import { friedmanOf } from './friedman';
import { type ComputedResults, type ResultsInput } from './input';
import { notesOf } from './notes';
import { orderDatasets, orderMethods } from './order';
import { paperCorrelations, paperFriedman } from './paper-statistics';
import { pairKappas, type PairKappas, pairRows, summaryOf } from './rater-pairs';
import { raterSummaries, repeatedLabels } from './rater-summaries';

/**
 * Everything about a study's ratings that is computed: tables, agreement, Friedman tests, human
 * against ROAR, raters. Equal inputs give equal results, whatever the order of the ratings.
 *
 * @throws RangeError for a score that its question's scale has not, or values that are not finite.
 */
export function computeResults(input: ResultsInput): ComputedResults {
  const filtered = filterRatings(input);
  const study = rowsAndColumns(input);
  const { methods, datasets, questions } = study;
  const blocks = blocksOf(filtered.counted, study, input);
  const repeated = repeatedLabels(filtered);
  const repeatedOf = ({ question, dataset }: (typeof blocks)[number]) =>
    repeated.filter(
      (pair) =>
        pair.question === question &&
        pair.dataset === dataset &&
        !filtered.excluded.has(pair.rater),
    );
  const pairs = blocks.map((block) => pairKappas(block));
  const listed = pairs.reduce((sum, { n }) => sum + n.length, 0) <= mostListedPairs;
  return {
    methods,
    datasets,
    tables: blocks.flatMap((block) => cellsOf(block, questionOf(questions, block.question), input)),
    agreement: blocks.flatMap((block, i) => [
      ...agreementOf(block),
      ...(listed && pairs[i] ? pairRows(pairs[i]) : []),
      ...intraRater(block, repeatedOf(block)),
    ]),
    kappas: pairs.map((each) => ({ ...summaryOf(each), listed })),
    friedman: blocks.map((block) => friedmanOf(block, questions, input.known)),
    correlation: correlationsOf(blocks, input),
    raters: raterSummaries(filtered, repeated),
    paper: {
      correlation: paperCorrelations(input.paper, input.known),
      friedman: paperFriedman(input.paper),
    },
    counted: filtered.counted.length,
    leftOut: [...filtered.leftOut],
    images: [...filtered.images],
    checks: filtered.checkCounts,
    filterNotes: filterNotes(input.filters, filtered),
    notes: notesOf(blocks, input, methods),
  };
}

/** What the kappas of raters are asked for. */
export interface KappasInput {
  readonly results: ResultsInput;
  /** One question and dataset, and one rater (a code) with all others; null: all. */
  readonly only: {
    readonly question: PairKappas['question'];
    readonly dataset: string;
    readonly rater: string | null;
  } | null;
}

/** The kappas of every two raters, without anything that takes resampling. */
export function computeKappas({ results, only }: KappasInput): PairKappas[] {
  const blocks = ratedBlocks(filterRatings(results).counted, rowsAndColumns(results));
  return blocks
    .filter(
      ({ question, dataset }) => !only || (only.question === question && only.dataset === dataset),
    )
    .map((block) => pairKappas(block, only?.rater ?? null));
}

function rowsAndColumns({ ratings, methods, datasets, known, questions }: ResultsInput) {
  const main = ratings.filter(({ kind }) => kind === 'main');
  return {
    questions,
    methods: orderMethods(methods, new Set(main.map(({ method }) => method))),
    datasets: orderDatasets(known, datasets, new Set(main.map(({ dataset }) => dataset))),
  };
}
