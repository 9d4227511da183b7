import { canonicalJson } from '../../../shared/canonical';
import { type RoarSettings } from '../../../shared/catalogue/roar';
import { type EngineDescription } from '../../../shared/engine';
import { type JobState } from '../../../shared/jobs';
import { type RunRecord } from '../../../shared/records';
import { type DatasetKey, engineKey, isSameEngine } from '../jobs/keys';
import { sameDataset } from '../jobs/same-dataset';
import { type Core } from '../services/core';

const active: readonly JobState[] = ['running', 'queued'];
const stopped: readonly JobState[] = ['parked', 'cancelled', 'failed'];

/**
 * The run that can take the place of a new one with these settings: one that is done on the same
 * dataset, else one under way, else one that stopped and can go on here. Runs are newest first.
 */
export function findRun(
  core: Pick<Core, 'runs'>,
  settings: RoarSettings,
  dataset: DatasetKey,
  engine: EngineDescription,
): RunRecord | null {
  const wanted = canonicalJson(settings);
  const same = core.runs
    .list()
    .filter((run) => canonicalJson(run.settings) === wanted && isOn(core, run, dataset));
  const goesOn = (run: RunRecord) => {
    const before = core.runs.engine(run.id);
    return !before || isSameEngine(engineKey(before), engineKey(engine), run.settings.dataset);
  };
  return (
    same.find(({ state }) => state === 'done') ??
    same.find(({ state }) => active.includes(state)) ??
    same.find((run) => stopped.includes(run.state) && goesOn(run)) ??
    null
  );
}

/** Runs of before datasets were told apart were on MNIST, which comes with the product. */
export function isOn({ runs }: Pick<Core, 'runs'>, run: RunRecord, dataset: DatasetKey): boolean {
  const key = runs.datasetKey(run.id);
  if (key === null) return dataset.dataset === 'mnist' || run.state !== 'done';
  return sameDataset(key, dataset);
}
