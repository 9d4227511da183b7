import { release } from 'node:os';
import { type EngineDescription } from '../../../shared/engine';
import { formatBytes } from '../../../shared/format/bytes';
import { counted } from '../../../shared/format/counts';
import { type Doctor } from './probes';
import { type QueueFound, workersByClass } from './queue';

/** One thing looked at. Only a `missing` one makes the doctor fail. */
export interface Check {
  readonly id: string;
  readonly title: string;
  readonly state: 'ok' | 'note' | 'missing';
  readonly found: string;
  /** How to get what is missing. */
  readonly remedy: string | null;
}

export interface Diagnosis {
  readonly healthy: boolean;
  readonly versions: Record<string, string | null>;
  readonly engine: EngineDescription;
  readonly dataDir: string;
  readonly freeBytes: number | null;
  readonly checks: readonly Check[];
}

const check = (
  id: string,
  title: string,
  state: Check['state'],
  found: string,
  remedy: string | null,
): Check => ({ id, title, state, found, remedy });

const ok = (id: string, title: string, found: string): Check => check(id, title, 'ok', found, null);

/** Look at everything that the product needs, and say what is missing and how to get it. */
export async function diagnose(doctor: Doctor, dataDir: string): Promise<Diagnosis> {
  const engine = await doctor.engine();
  const queue = await doctor.queue(engine);
  const checks = [
    buildCheck(doctor),
    addonCheck(doctor),
    setUpCheck(doctor),
    engineCheck(engine),
    electronCheck(doctor),
    browserCheck(doctor),
    dataCheck(doctor, dataDir),
    diskCheck(doctor),
    ...(queue ? [queueCheck(queue)] : []),
  ];
  return {
    healthy: checks.every(({ state }) => state !== 'missing'),
    versions: {
      'saliency-studio': doctor.packageVersion('.'),
      node: process.versions.node,
      electron: doctor.packageVersion('electron'),
      tfjs: doctor.packageVersion('@tensorflow/tfjs'),
      'tfjs-node-gpu': doctor.packageVersion('@tensorflow/tfjs-node-gpu'),
      'better-sqlite3': doctor.packageVersion('better-sqlite3'),
      system: `${process.platform} ${process.arch} ${release()}`,
      ...engine.versions,
    },
    engine,
    dataDir,
    freeBytes: doctor.freeBytes(),
    checks,
  };
}

function buildCheck(doctor: Doctor): Check {
  if (doctor.built()) return ok('build', 'Built app', 'out/');
  return check('build', 'Built app', 'missing', 'not built', 'npm run setup');
}

function addonCheck(doctor: Doctor): Check {
  const path = doctor.addon();
  if (path !== null) return ok('addon', 'TensorFlow addon', path);
  return check('addon', 'TensorFlow addon', 'missing', 'not built', 'npm run setup');
}

function setUpCheck(doctor: Doctor): Check {
  const record = doctor.engineRecord();
  if (record === null) {
    return check(
      'setup',
      'Set-up of the engine',
      'note',
      'no record (.setup/engine.json)',
      'npm run setup',
    );
  }
  const found = [record.variant, record.tensorflow, record.reason].filter(Boolean).join(', ');
  if (record.ok) return ok('setup', 'Set-up of the engine', found);
  return check('setup', 'Set-up of the engine', 'missing', found, record.remedy ?? 'npm run setup');
}

function engineCheck(engine: EngineDescription): Check {
  if (!engine.available) {
    return check(
      'engine',
      'Engine',
      'missing',
      engine.reason ?? 'unavailable',
      engine.remedy ?? 'npm run setup',
    );
  }
  const parts = [
    `${engine.device ?? 'unknown device'}${engine.deviceName === null ? '' : ` (${engine.deviceName})`}`,
    engine.threads === null ? null : counted(engine.threads, 'thread'),
    engine.oneDnn === null ? null : `oneDNN ${engine.oneDnn ? 'on' : 'off'}`,
    engine.device === 'cuda' ? null : 'no CUDA (`npm run setup -- --gpu` takes it)',
  ];
  return ok('engine', 'Engine', parts.filter((part) => part !== null).join(', '));
}

function electronCheck(doctor: Doctor): Check {
  return optional(
    ['electron', 'Electron', doctor.electronBinary()],
    'its binary is not here; npm start opens the browser shell instead',
    'npm start downloads it from GitHub where that can be reached',
  );
}

function browserCheck(doctor: Doctor): Check {
  return optional(
    ['browser', 'Browser', doctor.browser()],
    'none found under the usual names',
    'install Chromium, Chrome, Edge or Firefox, or use the desktop app',
  );
}

/** What something can be done without: its path, or what is so without it. */
function optional(
  [id, title, path]: readonly [string, string, string | null],
  without: string,
  remedy: string,
): Check {
  return path === null ? check(id, title, 'note', without, remedy) : ok(id, title, path);
}

function dataCheck(doctor: Doctor, dataDir: string): Check {
  const holder = doctor.holder();
  if (!doctor.writable()) {
    return check(
      'data',
      'Data directory',
      'note',
      `${dataDir}, which cannot be written: what is there can be read`,
      'to go on working, copy it to a place of yours and take that with --data',
    );
  }
  if (holder === null) return ok('data', 'Data directory', dataDir);
  return check(
    'data',
    'Data directory',
    'note',
    `${dataDir}, in use by the ${holder.shell} with process id ${holder.pid} since ${holder.since}`,
    'commands that write wait for it to be closed, or take another directory with --data',
  );
}

function queueCheck(found: QueueFound): Check {
  const { place, trial, version, problem, listener, unreached, workers } = found;
  const which = `${place}${trial ? ' (queue try)' : ''}`;
  if (version === null) {
    return check(
      'queue',
      'Queue',
      'note',
      problem ?? which,
      trial
        ? 'start it again: npm run --silent cli -- queue try'
        : 'what is done on this machine alone needs none',
    );
  }
  if (unreached !== null) {
    return check(
      'queue',
      'Queue',
      'note',
      `${which}, ${version}, workers cannot reach the app at ${listener}: ${unreached}`,
      'free that address, or make a join for another (join create --listen ADDRESS) and the other join files anew',
    );
  }
  const reached = listener === null ? 'no join yet' : `workers reach the app at ${listener}`;
  const well = `${which}, ${version}, ${reached}, ${workersByClass(workers)}`;
  if (workers.every(({ waits }) => waits === null)) return ok('queue', 'Queue', well);
  return check(
    'queue',
    'Queue',
    'note',
    well,
    'set the same version up on every machine, and start workers with as many threads as jobs have here',
  );
}

/** A paper run stores about 300 MB of maps and weights. */
const comfortable = 10 ** 9;

function diskCheck(doctor: Doctor): Check {
  const free = doctor.freeBytes();
  if (free === null) return { ...ok('disk', 'Free disk space', 'unknown'), state: 'note' };
  const found = formatBytes(free);
  if (free >= comfortable) return ok('disk', 'Free disk space', found);
  return check(
    'disk',
    'Free disk space',
    'note',
    found,
    'free some, or choose a directory on another disk with --data',
  );
}
