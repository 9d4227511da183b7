import { withFile } from '../../../engine/models/byte-source';
import { inspectWeights } from '../../../engine/models/inspect-weights';
import { type Operation } from '../operation';

export const inspectFile: Operation<'inspect-weights'> = (
  { path, file, weightsKey, size },
  { catalogues: { networks } },
) => withFile(path, (source) => inspectWeights(source, { file, networks, size, weightsKey }));
