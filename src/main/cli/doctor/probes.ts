import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { type EngineDescription } from '../../../shared/engine';
import { toErrorData } from '../../../shared/errors';
import { unavailableEngine } from '../../core/engine/engine-host';
import { type InstalledFiles } from '../../core/storage/installed-files';
import { engineKey } from '../../core/artifacts/keys';
import { readWork } from '../../core/machines/coordinator/work-file';
import { buildOf } from '../../core/machines/own-class';
import { machinesFolder } from '../../core/machines/machines-folder';
import { isAlive } from '../../core/storage/process-alive';
import { canWriteDatabase } from '../../core/storage/copy-for-reading';
import { type LockHolder, readHolder } from '../../core/storage/lock';
import { findQueue, type QueueFound } from './queue';

/** What set-up wrote of TensorFlow in .setup/engine.json. */
const engineRecordSchema = z.object({
  ok: z.boolean(),
  variant: z.string().nullable(),
  tensorflow: z.string().nullable(),
  reason: z.string().nullable(),
  remedy: z.string().nullable(),
});
export type EngineRecord = z.infer<typeof engineRecordSchema>;

/** Everything that doctor asks of the machine; each answer is data and none throws. */
export interface Doctor {
  /** A package's version; null where it is not installed. */
  readonly packageVersion: (name: string) => string | null;
  readonly addon: () => string | null;
  readonly engineRecord: () => EngineRecord | null;
  readonly electronBinary: () => string | null;
  readonly browser: () => string | null;
  readonly built: () => boolean;
  readonly holder: () => LockHolder | null;
  /** Whether the data directory can be written, or made. */
  readonly writable: () => boolean;
  readonly freeBytes: () => number | null;
  readonly engine: () => Promise<EngineDescription>;
  /** The queue of other machines, and how it is beside this engine; null where the data directory uses none. */
  readonly queue: (engine: EngineDescription) => Promise<QueueFound | null>;
}

export interface DoctorOptions {
  readonly files: InstalledFiles;
  readonly dataDir: string;
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Starts an engine process, asks what it is, and ends it. */
  readonly describe: () => Promise<EngineDescription>;
}

export function createDoctor({ files, dataDir, platform, env, describe }: DoctorOptions): Doctor {
  const require = createRequire(join(files.root, 'package.json'));
  const packageDir = (name: string): string | null => {
    for (const base of require.resolve.paths(name) ?? []) {
      if (existsSync(join(base, name, 'package.json'))) return join(base, name);
    }
    return null;
  };
  const inPackage = (name: string, ...path: string[]): string | null => {
    const directory = packageDir(name);
    const file = directory === null ? null : join(directory, ...path);
    return file !== null && existsSync(file) ? file : null;
  };
  const holder = () => {
    const found = readHolder(dataDir);
    return found && isAlive(found.pid) ? found : null;
  };
  return {
    packageVersion(name) {
      const manifest =
        name === '.' ? join(files.root, 'package.json') : inPackage(name, 'package.json');
      return manifest === null ? null : versionOf(manifest);
    },
    addon() {
      const [binding, operations] = ['tfjs_binding.node', 'studio_operations.node'].map((name) =>
        inPackage('@tensorflow/tfjs-node-gpu', 'lib', 'napi-v8', name),
      );
      return operations ? (binding ?? null) : null;
    },
    engineRecord() {
      try {
        return engineRecordSchema.parse(JSON.parse(readFileSync(files.engineRecord, 'utf8')));
      } catch {
        return null;
      }
    },
    electronBinary() {
      const note = inPackage('electron', 'path.txt');
      return note === null
        ? null
        : inPackage('electron', 'dist', readFileSync(note, 'utf8').trim());
    },
    browser: () => findBrowser(platform, env) ?? inPackage('@sparticuz/chromium', 'package.json'),
    built: () => existsSync(join(files.renderer, 'index.html')) && existsSync(files.engineEntry),
    holder,
    writable() {
      let folder = resolve(dataDir);
      while (!existsSync(folder) && folder !== dirname(folder)) folder = dirname(folder);
      return canWriteDatabase(join(folder, 'studio.sqlite'));
    },
    freeBytes() {
      for (let folder = dataDir; ; folder = dirname(folder)) {
        try {
          const { bavail, bsize } = statfsSync(folder);
          return bavail * bsize;
        } catch {
          if (folder === dirname(folder)) return null;
        }
      }
    },
    engine: () => describe().catch(unavailable),
    queue(engine) {
      const own = async () => {
        if (!engine.available) return null;
        const threads = readWork(dataDir).threads ?? engine.threads;
        return {
          build: await buildOf(engine, files),
          engine: engineKey({ ...engine, threads }),
        };
      };
      return findQueue(machinesFolder(dataDir), own, holder() !== null);
    },
  };
}

/** An engine that could not even be asked. */
const unavailable = (error: unknown): EngineDescription =>
  unavailableEngine(toErrorData(error).message, 'Run `npm run setup`; it says what is missing.');

function versionOf(manifest: string): string | null {
  try {
    return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(manifest, 'utf8')))
      .version;
  } catch {
    return null;
  }
}

const macApps = ['Google Chrome', 'Chromium', 'Microsoft Edge', 'Firefox', 'Safari'];
const commands = [
  'google-chrome',
  'google-chrome-stable',
  'chromium',
  'chromium-browser',
  'microsoft-edge',
  'firefox',
];

/** A browser that is installed, by the names that browsers have. */
function findBrowser(platform: NodeJS.Platform, env: DoctorOptions['env']): string | null {
  const places: string[] = [];
  if (env.CHROME_PATH) places.push(env.CHROME_PATH);
  if (platform === 'darwin') {
    places.push(...macApps.map((name) => `/Applications/${name}.app`));
  } else if (platform === 'win32') {
    for (const base of [env['ProgramFiles'], env['ProgramFiles(x86)']]) {
      if (!base) continue;
      places.push(join(base, 'Google', 'Chrome', 'Application', 'chrome.exe'));
      places.push(join(base, 'Microsoft', 'Edge', 'Application', 'msedge.exe'));
      places.push(join(base, 'Mozilla Firefox', 'firefox.exe'));
    }
  } else {
    for (const folder of (env.PATH ?? '').split(delimiter)) {
      places.push(...commands.map((name) => join(folder, name)));
    }
  }
  return places.find((place) => existsSync(place)) ?? null;
}
