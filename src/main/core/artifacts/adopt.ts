import { join } from 'node:path';
import { type EngineFile } from '../../../shared/engine';
import { StudioError } from '../../../shared/errors';
import { type ArtifactStore } from './artifact-store';
import { type Artifact, type ArtifactKind } from './artifacts';

interface Parts {
  readonly artifacts: ArtifactStore;
}

/** Move one of the files that the engine wrote into the store, its stated hash checked. */
export async function adoptFile(
  parts: Parts,
  folder: string,
  files: readonly EngineFile[],
  name: string,
  kind: ArtifactKind,
  key: string,
): Promise<Artifact> {
  const written = files.find((file) => file.name === name);
  if (!written) {
    throw new StudioError({
      code: 'engine-failed',
      message: `The engine did not write ${name}.`,
    });
  }
  return parts.artifacts.adopt({ file: join(folder, name), kind, key, sha256: written.sha256 });
}
