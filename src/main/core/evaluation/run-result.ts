import { observed } from '../../../shared/method-summary';
import { type RunRecord, type RunResult } from '../../../shared/records';
import { type DatasetsService } from '../datasets/datasets-service';
import { type EngineHost } from '../engine/engine-host';
import { type MethodsService } from '../maps/methods';
import { type Metric } from './metric';
import { runCuts } from './report/cuts';
import { type RetrainedRepository } from './retrained-repository';
import { retrainedCurves } from './retrained-results';
import { countsOfRun } from './run-counts';
import { type EvidenceContext, type RunStatistics } from './run-statistics';
import { type RunsRepository } from './runs-repository';

interface Parts {
  readonly datasets: DatasetsService;
  readonly engine: Pick<EngineHost, 'status'>;
  readonly methods: MethodsService;
  readonly retrained: RetrainedRepository;
  readonly runs: RunsRepository;
  readonly statistics: RunStatistics;
}

/** The result of a run, whole or so far. */
export async function runResult(
  parts: Parts,
  run: RunRecord,
  metric: Metric,
  { full, levels }: Pick<EvidenceContext, 'full' | 'levels'>,
): Promise<RunResult> {
  const { datasets, engine, methods, runs } = parts;
  const { descriptor, observations } = metric;
  const counts = await countsOfRun(parts, datasets, run);
  const { retrained, claims, ...summaries } =
    descriptor.observation === 'image'
      ? await overImages(parts, run, metric, { full, levels, counts })
      : overRepetitions(parts, run, metric);
  const n = observed(summaries);
  return {
    run,
    images: runs.images(run.id).map(({ image }) => image),
    levels,
    retrained,
    cuts: runCuts(methods.operators.parameters, descriptor, run.settings, full, counts),
    notes: n === null ? [] : observations.notes(n, run.settings),
    ...summaries,
    claims,
    engine: runs.engine(run.id) ?? engine.status,
  };
}

type Found = Pick<RunResult, 'claims' | 'curves' | 'retrained' | 'values'>;

async function overImages(
  { statistics }: Parts,
  run: RunRecord,
  { descriptor }: Metric,
  context: EvidenceContext,
): Promise<Found> {
  const found = await statistics.of(run, descriptor, context);
  return { retrained: [], ...(found ?? { curves: [], claims: [] }) };
}

function overRepetitions(parts: Parts, run: RunRecord, { descriptor }: Metric): Found {
  const retrained = parts.retrained.models(run.id);
  const methods = parts.methods.resolve(run.settings.methods);
  const curves = retrainedCurves(parts, descriptor, run, methods, retrained);
  return { retrained, curves, claims: [] };
}
