import { withFile } from '../../../engine/models/byte-source';
import { inspectWeights } from '../../../engine/models/inspect-weights';
import { type Operation } from '../operation';

export const inspectFile: Operation<'inspect-weights'> = (
  { path, file, weightsKey, size },
  { catalogues: { networks }, signal, report: tell },
) => {
  const report = (done: number, total: number) => tell({ done, total, unit: 'networks' });
  const about = { file, networks, size, weightsKey, signal, report };
  return withFile(path, (source) => inspectWeights(source, about));
};
