import { questionIds } from '../../../../shared/ratings/questions';
import { type Claim } from '../../../../shared/records';
import { cutsOf } from '../../evaluation/report/cuts';
import { type Paper, type PaperClaim, publishedName } from '../paper';
import { type ExperimentEvidence, ExperimentFigures } from './evidence';
import { type ClaimInput, type Judge, over, roarJudges, words } from './judges';
import { bothJudges, ratingJudges } from './rating-judges';
import { roarJudges as runJudges } from './run-judges';
import { reduced } from './statements';
import { builtInCatalogues } from '../../../../shared/catalogue/catalogues';
import { paperMetric } from '../../../../shared/catalogue/metrics';

/** Judges of several datasets, by id. Claims on MNIST alone are judged as those of one run are. */
const judges: Readonly<Record<string, Judge>> = { ...roarJudges, ...ratingJudges, ...bothJudges };

/**
 * Judge every claim of the paper by an experiment's finished runs and its study's labels, in the
 * order of `resources/paper/claims.json`. A claim whose datasets or ratings are not all here, or
 * whose runs are smaller than the paper's, stays undecided: its evidence says what is missing and
 * gives the figures that there are.
 */
export function judgeExperiment(paper: Paper, evidence: ExperimentEvidence): Claim[] {
  const figures = new ExperimentFigures(evidence);
  return paper.claims.map((claim): Claim => {
    const { id, says, section } = claim;
    return { id, says, section, ...judgeClaim(paper, claim, evidence, figures) };
  });
}

function judgeClaim(
  paper: Paper,
  claim: PaperClaim,
  evidence: ExperimentEvidence,
  figures: ExperimentFigures,
): Pick<Claim, 'verdict' | 'evidence'> {
  const datasets = claim.datasets.filter((dataset) => suffices(claim, dataset, figures));
  const missing = missingFor(paper, claim, evidence, figures);
  const input = { paper, figures, datasets };
  const judgement = datasets.length === 0 ? null : judge(claim, input);
  if (missing !== null) {
    const far = judgement ? ` So far, ${over(input)}: ${judgement.evidence}` : '';
    return { verdict: 'undecided', evidence: missing + far };
  }
  if (judgement === null) {
    return {
      verdict: 'undecided',
      evidence: 'The runs lack the methods or levels that the claim speaks of.',
    };
  }
  const cuts = claim.kind === 'ratings' ? [] : cutsOfRuns(paper, claim, figures);
  return cuts.length > 0 && judgement.verdict !== 'undecided'
    ? { verdict: 'undecided', evidence: reduced(cuts, judgement, 'these runs are') }
    : judgement;
}

function judge(claim: PaperClaim, input: ClaimInput) {
  const several = judges[claim.id];
  if (several) return several(input);
  const run = input.figures.runs.get(claim.datasets[0] ?? 'mnist');
  return run ? (runJudges[claim.id]?.(input.paper, run) ?? null) : null;
}

const needsRun = ({ kind }: PaperClaim) => kind !== 'ratings';
const needsRatings = ({ kind }: PaperClaim) => kind === 'ratings' || kind === 'both';

const isRated = (dataset: string, figures: ExperimentFigures) =>
  questionIds.every((question) => figures.ratings(dataset, question) !== null);

function suffices(claim: PaperClaim, dataset: string, figures: ExperimentFigures): boolean {
  return (
    (!needsRun(claim) || figures.runs.has(dataset)) &&
    (!needsRatings(claim) || isRated(dataset, figures))
  );
}

/** What the claim still needs, in a sentence or two; null: nothing. */
function missingFor(
  paper: Paper,
  claim: PaperClaim,
  { noRatings }: ExperimentEvidence,
  figures: ExperimentFigures,
): string | null {
  const without = (has: (dataset: string) => boolean) =>
    claim.datasets
      .filter((dataset) => !has(dataset))
      .map((dataset) => publishedName(paper, dataset));
  const needs: string[] = [];
  const runs = needsRun(claim) ? without((dataset) => figures.runs.has(dataset)) : [];
  if (runs.length > 0) needs.push(`a finished run on ${words(runs)}`);
  const rated = needsRatings(claim) ? without((dataset) => isRated(dataset, figures)) : [];
  if (rated.length > 0) {
    needs.push(`ratings of all nine methods in both questions on ${words(rated)}`);
  }
  if (needs.length === 0) return null;
  const why = rated.length > 0 && noRatings !== null ? ` ${noRatings}` : '';
  return `Needs ${words(needs)}.${why}`;
}

function cutsOfRuns(paper: Paper, claim: PaperClaim, figures: ExperimentFigures): string[] {
  return claim.datasets.flatMap((dataset) => {
    const run = figures.runs.get(dataset);
    const cuts = run
      ? cutsOf(
          builtInCatalogues.operators.parameters,
          paperMetric,
          run.settings,
          run.full,
          claim.kind,
          run.counts,
        )
      : [];
    return cuts.length > 0 ? [`${publishedName(paper, dataset)}: ${cuts.join(', ')}`] : [];
  });
}
