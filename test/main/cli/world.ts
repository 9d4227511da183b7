import { type CommandEnvironment } from '../../../src/main/cli/context';
import { type Doctor } from '../../../src/main/cli/doctor/probes';
import { runCli } from '../../../src/main/cli/program';
import { type App } from '../../../src/main/core/app';
import { builtInCatalogues, type Catalogues } from '../../../src/shared/catalogue/catalogues';

export const healthyDoctor: Doctor = {
  packageVersion: (name) => (name === '.' ? '1.2.3' : '4.5.6'),
  addon: () => '/installed/tfjs_binding.node',
  engineRecord: () => ({
    ok: true,
    variant: 'cpu',
    tensorflow: '2.21.0',
    reason: null,
    remedy: null,
  }),
  electronBinary: () => '/installed/electron',
  browser: () => '/usr/bin/chromium',
  built: () => true,
  holder: () => null,
  writable: () => true,
  queue: async () => null,
  freeBytes: () => 5e9,
  engine: async () => ({
    available: true,
    reason: null,
    remedy: null,
    device: 'cpu',
    deviceName: 'A processor',
    threads: 2,
    oneDnn: true,
    versions: { tensorflow: '2.21.0' },
    plan: {},
    numerics: 3,
    arithmetic: {},
  }),
};

export interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly opened: { dataDir: string; access: string }[];
  readonly closed: number;
  json(): Record<string, unknown>;
}

export interface Setting {
  /** Default: what Saliency Studio comes with. */
  readonly catalogues?: Catalogues;
  readonly app?: App;
  /** A real one for each command, in place of `app`. */
  readonly openApp?: CommandEnvironment['openApp'];
  readonly doctor?: Partial<Doctor>;
  readonly interruption?: AbortController;
  readonly startWorker?: CommandEnvironment['startWorker'];
  readonly terminal?: CommandEnvironment['terminal'];
  readonly valkey?: string;
}

/** Run a command line in a world of strings. */
export async function cli(argv: readonly string[], setting: Setting = {}): Promise<Ran> {
  let stdout = '';
  let stderr = '';
  let closed = 0;
  let time = 0;
  const opened: Ran['opened'] = [];
  const exit = await runCli(argv, {
    catalogues: setting.catalogues ?? builtInCatalogues,
    stdout: (text) => void (stdout += text),
    stderr: (text) => void (stderr += text),
    terminal: setting.terminal ?? null,
    signal: (setting.interruption ?? new AbortController()).signal,
    monotonic: () => (time += 1000),
    async openApp(options) {
      if (setting.openApp) return setting.openApp(options);
      if (!setting.app) throw new Error('this test opens no app');
      opened.push(options);
      const { app } = setting;
      return {
        ...app,
        async close() {
          closed += 1;
          await app.close();
        },
      };
    },
    defaultData: () => ({ path: '/the/default', from: 'HOME' }),
    doctor: () => ({ ...healthyDoctor, ...setting.doctor }),
    valkey: setting.valkey ?? null,
    startWorker:
      setting.startWorker ??
      (() => {
        throw new Error('this test starts no worker');
      }),
  });
  return {
    exit,
    stdout,
    stderr,
    opened,
    closed,
    json: () => JSON.parse(stdout) as Record<string, unknown>,
  };
}
