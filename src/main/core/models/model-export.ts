import { type ExportFile } from '../../../shared/export-file';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { type ExportStore } from '../storage/transit/export-store';
import { type ModelsService } from './models-service';
import { weightsFileName } from './weights-file-name';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly exports: ExportStore;
  readonly models: ModelsService;
}

/** The weights of a model as a file. */
export async function exportModel(
  { artifacts, exports, models }: Parts,
  id: string,
): Promise<ExportFile> {
  const model = models.ready(id);
  const path = await artifacts.open(model.artifact);
  return exports.offer(weightsFileName(model), 'application/octet-stream', path);
}
