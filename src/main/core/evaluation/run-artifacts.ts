import { type RunRecord } from '../../../shared/records';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { type ModelsRepository } from '../models/models-repository';
import { type ReportArtifact } from './report/report';
import { type RetrainedRepository } from './retrained-repository';
import { type RunsRepository } from './runs-repository';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly models: ModelsRepository;
  readonly retrained: RetrainedRepository;
  readonly runs: RunsRepository;
}

/** The stored files that a run names. */
export async function runArtifacts(
  { artifacts, models, retrained, runs }: Parts,
  run: RunRecord,
): Promise<ReportArtifact[]> {
  const named: { kind: string; subject: string; key: string }[] = [];
  for (const { level, model } of runs.levels(run.id)) {
    const key = model === null ? null : models.get(model)?.artifact;
    if (key) named.push({ kind: 'model', subject: `level ${level}`, key });
  }
  for (const method of run.settings.methods) {
    for (const { artifact } of runs.maps(run.id, method)) {
      named.push({ kind: 'map', subject: method, key: artifact });
    }
    for (const split of ['train', 'validation'] as const) {
      for (const { artifact } of retrained.orders(run.id, method, split)) {
        named.push({ kind: 'order', subject: `${method}, ${split}`, key: artifact });
      }
    }
  }
  const found: ReportArtifact[] = [];
  for (const entry of named) {
    const artifact = await artifacts.get(entry.key);
    if (artifact) found.push({ ...entry, sha256: artifact.sha256, bytes: artifact.bytes });
  }
  return found;
}
