import { conflict } from '../../../../shared/errors';
import { type NewId } from '../../../../shared/ids';
import { type ArtifactStore } from '../../artifacts/artifact-store';
import { type KeyedModel, modelKey } from '../../artifacts/keys';
import { type EngineHost } from '../../engine/engine-host';
import { type Events } from '../../jobs/events';
import { type JobRun } from '../../jobs/job-run';
import { type ModelsRepository, type StoredModel } from '../../models/models-repository';
import { modelFor, trainModel } from '../../models/train-model';
import { trainedName } from '../../models/weights-file-name';
import { type Database } from '../../storage/database';
import { type Clock } from '../../storage/environment';
import { type InstalledFiles } from '../../storage/installed-files';
import { type Scratch } from '../../storage/scratch';
import { type RunsRepository } from '../runs-repository';
import { levelSpec } from './plan';
import { type Attempt } from './prepare';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly clock: Clock;
  readonly dataDir: string;
  readonly database: Database;
  readonly engine: EngineHost;
  readonly events: Events;
  readonly files: InstalledFiles;
  readonly models: ModelsRepository;
  readonly newId: NewId;
  readonly runs: RunsRepository;
  readonly scratch: Scratch;
}

/** Train the model of one level, unless it is there. */
export async function trainLevel(
  parts: Parts,
  attempt: Attempt,
  run: JobRun,
  level: number,
): Promise<void> {
  const { settings, record } = attempt;
  const spec = levelSpec(settings, level);
  const key = modelKey(spec, attempt.dataset, attempt.engine);
  const known = parts.runs.levels(record.id).find((stored) => stored.level === level);
  const model = parts.database.transaction(() => {
    const name = trainedName(attempt.facts, spec.recipe.architecture, level);
    const found = modelFor(parts, { spec, key, job: run.job.id, name, id: parts.newId('model') });
    const reused = known?.model === found.id ? known.reused : found.state === 'ready';
    parts.runs.putLevel(record.id, { level, model: found.id, reused, seconds: secondsOf(found) });
    return found;
  });
  await trainModel(parts, run, model.id);
  const trained = parts.models.get(model.id);
  const row = parts.runs.levels(record.id).find((stored) => stored.level === level);
  if (trained && row) parts.runs.putLevel(record.id, { ...row, seconds: secondsOf(trained) });
  parts.events.emit({ type: 'run.changed', run: record.id });
}

function secondsOf(model: StoredModel): number {
  return model.epochs.reduce((sum, epoch) => sum + epoch.seconds, 0);
}

/** Weights of a level's model: its path for the engine, and its hash for keys. */
export async function weightsOf(
  parts: Pick<Parts, 'artifacts' | 'models' | 'runs'>,
  attempt: Attempt,
  level: number,
): Promise<KeyedModel & { readonly path: string }> {
  const row = parts.runs.levels(attempt.record.id).find((stored) => stored.level === level);
  const model = row?.model ? parts.models.get(row.model) : undefined;
  if (!model?.artifact || !model.sha256) {
    throw conflict(`The model of level ${level} is not trained: resume the run to train it again.`);
  }
  const { sha256, architecture } = model;
  return { path: await parts.artifacts.open(model.artifact), sha256, architecture };
}
