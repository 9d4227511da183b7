import { type Claim, type MethodCurve } from '../../../../shared/records';
import { cutsOf } from '../../evaluation/report/cuts';
import { type RunEvidence } from '../../evaluation/run-evidence';
import { type Paper, type PaperClaim, publishedName } from '../paper';
import { words } from './judges';
import { type Judgement, roarJudges } from './run-judges';
import { builtInCatalogues } from '../../../../shared/catalogue/catalogues';
import { paperMetric } from '../../../../shared/catalogue/metrics';

/**
 * Judge the paper's claims by one run, in the order of `resources/paper/claims.json`. A claim that
 * needs other data, or a run smaller than the paper's, stays undecided; its evidence says why and
 * gives the figures there are.
 */
export function judgeClaims(paper: Paper, evidence: RunEvidence): Claim[] {
  return paper.claims.map((claim): Claim => {
    const { id, says, section } = claim;
    const base = { id, says, section };
    const judgement = roarJudges[id]?.(paper, evidence) ?? null;
    const cuts = cutsOf(
      builtInCatalogues.operators.parameters,
      paperMetric,
      evidence.settings,
      evidence.full,
      claim.kind,
      evidence.counts,
    );
    const missing = missingFor(paper, claim, evidence);
    if (judgement === null) {
      return {
        ...base,
        verdict: 'undecided',
        evidence: missing ?? 'This run lacks the methods or levels that the claim speaks of.',
      };
    }
    if (cuts.length > 0 && judgement.verdict !== 'undecided') {
      return { ...base, verdict: 'undecided', evidence: reduced(cuts, judgement, 'this run is') };
    }
    return { ...base, ...judgement };
  });
}

/** @param what 'this run is', or 'these runs are' */
export function reduced(
  cuts: readonly string[],
  { evidence, verdict }: Judgement,
  what: string,
): string {
  const leaning = verdict === 'held' ? 'points towards held' : 'points towards not held';
  return `Not judged, because ${what} smaller than the paper’s (${cuts.join(cuts.some((cut) => cut.includes(': ')) ? '; ' : ', ')}). It ${leaning}: ${evidence}`;
}

/** Why the claim is out of reach of one ROAR run, in a sentence; null where it is not. */
function missingFor(
  paper: Paper,
  claim: PaperClaim,
  { settings, full, curves }: RunEvidence,
): string | null {
  const others = claim.datasets
    .filter((dataset) => dataset !== settings.dataset)
    .map((dataset) => publishedName(paper, dataset));
  const needs: string[] = [];
  if (claim.kind === 'ratings' || claim.kind === 'both') needs.push('people’s ratings of the maps');
  if (others.length > 0) needs.push(`results on ${others.join(' and ')}`);
  if (needs.length === 0) return null;
  const sentence = `Needs ${needs.join(' and ')}, which one ROAR run on ${full.dataset.name} does not have.`;
  // By one image none is the larger.
  const toldApart = curves.every(({ advantageLow }) => advantageLow !== null);
  return claim.id === 'best-three-roar' && curves.length > 3 && toldApart
    ? `${sentence} On this dataset alone the largest advantages are those of ${bestThree(curves)}.`
    : sentence;
}

function bestThree(curves: readonly MethodCurve[]): string {
  const best = curves
    .filter(({ method }) => method.group !== 'control')
    .sort((a, b) => b.advantage - a.advantage)
    .slice(0, 3);
  return words(best.map(({ method }) => method.name));
}
