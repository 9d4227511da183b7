import { conflict, type Core } from '../../core';
import { trainedName } from '../../models/weights-file-name';
import { type StoredModel } from '../../models/models-repository';
import { type JobRun } from '../../jobs/job-run';
import { modelKey } from '../../artifacts/keys';
import { modelFor, trainModel } from '../../models/train-model';
import { levelSpec } from './plan';
import { type Attempt } from './prepare';

/** Train the model of one level, unless it is there. */
export async function trainLevel(
  core: Core,
  attempt: Attempt,
  run: JobRun,
  level: number,
): Promise<void> {
  const { settings, record } = attempt;
  const spec = levelSpec(settings, level);
  const key = modelKey(spec, attempt.dataset, attempt.engine);
  const known = core.runs.levels(record.id).find((stored) => stored.level === level);
  const model = core.database.transaction(() => {
    const name = trainedName(settings.dataset, level);
    const found = modelFor(core, { spec, key, job: run.job.id, name, id: core.newId('model') });
    const reused = known?.model === found.id ? known.reused : found.state === 'ready';
    core.runs.putLevel(record.id, { level, model: found.id, reused, seconds: secondsOf(found) });
    return found;
  });
  await trainModel(core, run, model.id);
  const trained = core.models.get(model.id);
  const row = core.runs.levels(record.id).find((stored) => stored.level === level);
  if (trained && row) core.runs.putLevel(record.id, { ...row, seconds: secondsOf(trained) });
  core.events.emit({ type: 'run.changed', run: record.id });
}

function secondsOf(model: StoredModel): number {
  return model.epochs.reduce((sum, epoch) => sum + epoch.seconds, 0);
}

/** Weights of a level's model: its path for the engine, and its hash for keys. */
export async function weightsOf(
  core: Core,
  attempt: Attempt,
  level: number,
): Promise<{ path: string; sha256: string }> {
  const row = core.runs.levels(attempt.record.id).find((stored) => stored.level === level);
  const model = row?.model ? core.models.get(row.model) : undefined;
  if (!model?.artifact || !model.sha256) {
    throw conflict(`The model of level ${level} is not trained: resume the run to train it again.`);
  }
  return { path: await core.artifacts.open(model.artifact), sha256: model.sha256 };
}
