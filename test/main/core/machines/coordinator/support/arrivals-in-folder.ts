import { createHash } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Arrivals,
  type Contradiction,
} from '../../../../../../src/main/core/machines/coordinator/arrivals';
import { type WorkResult } from '../../../../../../src/main/core/machines/work-chain';
import { canonicalJson } from '../../../../../../src/shared/canonical';

export interface TestArrivals extends Arrivals {
  /** What a worker does: the bytes of a blob, by their hash. */
  putBlob(bytes: Uint8Array): { sha256: string; bytes: number };
  putResult(request: string, result: WorkResult): void;
  /** Requests whose results lie there. */
  readonly requests: readonly string[];
  /** Nobody is told of what arrives, as where the application was away. */
  deaf: boolean;
}

/** What arrives, in a folder, without HTTP between. */
export function arrivalsIn(folder: string): TestArrivals {
  const results = new Map<string, WorkResult>();
  const listeners = new Set<(request: string) => void>();
  const contradicted = new Set<(contradiction: Contradiction) => void>();
  const blob = (sha256: string) => join(folder, sha256);
  const whole = (result: WorkResult) =>
    result.kind === 'refused' || result.files.every(({ sha256 }) => existsSync(blob(sha256)));
  return {
    deaf: false,
    get requests() {
      return [...results.keys()];
    },
    async result(request) {
      const found = results.get(request);
      return found && whole(found) ? found : null;
    },
    blob,
    onResult(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onContradiction(listener) {
      contradicted.add(listener);
      return () => contradicted.delete(listener);
    },
    async remove(request) {
      const result = results.get(request);
      results.delete(request);
      if (result?.kind !== 'done') return;
      for (const { sha256 } of result.files) {
        const others = [...results.values()].some(
          (other) => other.kind === 'done' && other.files.some((file) => file.sha256 === sha256),
        );
        if (!others) rmSync(blob(sha256), { force: true });
      }
    },
    putBlob(bytes) {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      writeFileSync(blob(sha256), bytes);
      return { sha256, bytes: bytes.length };
    },
    putResult(request, result) {
      const before = results.get(request);
      const content = (of: WorkResult) =>
        canonicalJson(of.kind === 'done' ? [of.output, of.files] : [of.error]);
      if (before && content(before) !== content(result)) {
        const workers = [before.worker, result.worker] as const;
        for (const listener of contradicted) listener({ request, workers });
        return;
      }
      results.set(request, before ?? result);
      if (!this.deaf) for (const listener of listeners) listener(request);
    },
  };
}
