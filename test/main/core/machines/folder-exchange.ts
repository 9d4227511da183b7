import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type Exchange } from '../../../../src/main/core/machines/transport/exchange';
import { type WorkResult, workResultSchema } from '../../../../src/main/core/machines/work-chain';
import { notFound } from '../../../../src/shared/errors';

/** A folder in the place of the coordinator: what is put there is there. */
export interface FolderExchange extends Exchange {
  readonly calls: string[];
  /** Offer a file by its content. */
  offer(path: string): { sha256: string; bytes: number };
  path(sha256: string): string;
  read(request: string): WorkResult | null;
}

export function folderExchange(root: string): FolderExchange {
  mkdirSync(root, { recursive: true });
  const calls: string[] = [];
  const path = (sha256: string) => join(root, sha256);
  const resultPath = (request: string) => join(root, `${request}.json`);
  const read = (request: string) =>
    existsSync(resultPath(request))
      ? workResultSchema.parse(JSON.parse(readFileSync(resultPath(request), 'utf8')))
      : null;
  return {
    calls,
    path,
    read,
    offer(file) {
      const content = readFileSync(file);
      const sha256 = createHash('sha256').update(content).digest('hex');
      writeFileSync(path(sha256), content);
      return { sha256, bytes: content.length };
    },
    async fetchBlob({ sha256 }, file, { signal }) {
      signal.throwIfAborted();
      calls.push(`fetch ${sha256}`);
      if (!existsSync(path(sha256))) throw notFound('blob', sha256);
      copyFileSync(path(sha256), file);
    },
    async putBlob({ sha256 }, file, { signal }) {
      signal.throwIfAborted();
      calls.push(`put ${sha256}`);
      copyFileSync(file, path(sha256));
    },
    async result(request, { signal }) {
      signal.throwIfAborted();
      return read(request);
    },
    async putResult(request, result, { signal }) {
      signal.throwIfAborted();
      writeFileSync(resultPath(request), JSON.stringify(result));
    },
  };
}
