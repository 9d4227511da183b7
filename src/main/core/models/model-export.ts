import { type ExportFile } from '../../../shared/export-file';
import { type ExportStore } from '../storage/transit/export-store';
import { type WeightsParts, writeWeights } from './exported-weights';
import { type ModelsService } from './models-service';
import { weightsFileName } from './weights-file-name';

interface Parts extends WeightsParts {
  readonly exports: ExportStore;
  readonly models: ModelsService;
}

/** The weights of a model as a file. */
export async function exportModel(parts: Parts, id: string): Promise<ExportFile> {
  const { exports, models } = parts;
  const model = models.ready(id);
  const write = (path: string) => writeWeights(parts, model, path);
  return exports.write(weightsFileName(model), 'application/octet-stream', write);
}
