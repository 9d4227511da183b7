import { canonicalJson } from '../../../shared/canonical';
import { type RoarSettings } from '../../../shared/catalogue/roar';
import { type EngineDescription } from '../../../shared/engine';
import { type JobState } from '../../../shared/jobs';
import { type RunRecord } from '../../../shared/records';
import {
  type DatasetKey,
  engineKey,
  type EngineKey,
  isSameEngine,
  makingOf,
  trainsAlike,
} from '../artifacts/keys';
import { type DatasetsService } from '../datasets/datasets-service';
import { isOn } from '../evaluation/run-counts';
import { type RunsRepository } from '../evaluation/runs-repository';

export interface FoundRun {
  readonly run: RunRecord | null;
  /** The newest that cannot go on here, where there is no other. */
  readonly left: RunRecord | null;
}

const active: readonly JobState[] = ['running', 'queued'];
const stopped: readonly JobState[] = ['parked', 'cancelled', 'failed'];

/**
 * The run that can take the place of a new one with these settings: one that is done on the same
 * dataset, else one under way, else one that stopped, which can go on here. Where there is none, the
 * newest that cannot, because another engine began it, or an earlier version.
 */
export function findRun(
  runs: RunsRepository,
  datasets: DatasetsService,
  settings: RoarSettings,
  dataset: DatasetKey,
  engine: EngineDescription,
): FoundRun {
  const wanted = canonicalJson(settings);
  const same = runs
    .list()
    .filter(
      (run) => canonicalJson(run.settings) === wanted && isOn({ runs }, datasets, run, dataset),
    );
  const goesOn = (run: RunRecord) => {
    const before = runs.engine(run.id);
    if (!before) return true;
    const [one, other] = [before, engine].map(engineKey) as [EngineKey, EngineKey];
    const both = [one, other, settings.recipe.architecture, makingOf(settings)] as const;
    return trainsAlike(...both) && isSameEngine(...both);
  };
  const run =
    same.find(({ state }) => state === 'done') ??
    same.find((each) => active.includes(each.state) && goesOn(each)) ??
    same.find((each) => stopped.includes(each.state) && goesOn(each)) ??
    null;
  return { run, left: run ? null : (same[0] ?? null) };
}
