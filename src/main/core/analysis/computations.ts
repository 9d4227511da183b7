import { packedComputation } from '../computation/computation';
import { computeKappas, computeResults, type KappasInput } from './compute-results';
import { packInput, unpackInput } from './packed-ratings';

/** The results of a study's ratings; very many of these go in columns. */
export const studyResults = packedComputation('study results', computeResults, {
  pack: packInput,
  unpack: unpackInput,
});

/** The kappas of a study's raters. */
export const raterKappas = packedComputation('rater kappas', computeKappas, {
  pack: ({ results, only }: KappasInput) => ({ results: packInput(results), only }),
  unpack: ({ results, only }) => ({ results: unpackInput(results), only }),
});
