import { cpSync } from 'node:fs';
import { test } from './fixtures';
import { type Running, start, within } from './process';
import { reference } from './reference';
import { freshFolder } from './workspace';

/** The browser shell as a process on a data directory. */
export interface Studio {
  /** The printed address, token and all; it changes with each start. */
  readonly url: string;
  readonly data: string;
  /** Listens at a free port, or at one that pages know from before. */
  start(port?: number): Promise<void>;
  /** SIGTERM; waits for its end and answers with the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL, as a crash or the system's memory killer would. */
  kill(): Promise<void>;
}

export interface StudioOptions {
  /** What the data directory holds: nothing, or the finished small run. */
  readonly from?: 'nothing' | 'reference';
  readonly engine?: boolean;
}

const address = /Saliency Studio is open at (http:\/\/127\.0\.0\.1:\d+\/\?token=\S+)/;

export function createStudio(data: string, options: StudioOptions): Studio {
  let running: Running | null = null;
  let url = '';

  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    const ending = running;
    running = null;
    if (!ending) return null;
    ending.child.kill(signal);
    return within(30_000, ending.ended, 'The end of the server').catch((error: unknown) => {
      ending.child.kill('SIGKILL');
      throw error;
    });
  };

  return {
    get url() {
      return url;
    },
    data,
    async start(port = 0) {
      const engine = options.engine === false ? ['--no-engine'] : [];
      const next = start('web', '--port', String(port), '--data', data, '--no-open', ...engine);
      running = next;
      const opened = new Promise<string>((resolve, reject) => {
        next.child.stdout?.on('data', () => {
          const found = address.exec(next.wrote.stdout)?.[1];
          if (found) resolve(found);
        });
        void next.ended.then((code) => {
          reject(new Error(`The server ended with ${code ?? 'a signal'}: ${next.wrote.stderr}`));
        });
      });
      url = await within(60_000, opened, 'The start of the server');
    },
    stop: () => end('SIGTERM'),
    async kill() {
      await end('SIGKILL');
    },
  };
}

/** One server for all tests of a file, on a data directory of its own. */
export function useStudio(options: StudioOptions = {}): Studio {
  let studio: Studio | null = null;
  const current = (): Studio => {
    if (!studio) throw new Error('The server is started before the first test.');
    return studio;
  };

  test.beforeAll(async () => {
    const data = freshFolder('data');
    if (options.from === 'reference') {
      cpSync((await reference()).data, data, { recursive: true });
    }
    studio = createStudio(data, options);
    await studio.start();
  });
  test.afterAll(async () => {
    await studio?.stop();
  });

  return {
    get url() {
      return current().url;
    },
    get data() {
      return current().data;
    },
    start: (port) => current().start(port),
    stop: () => current().stop(),
    kill: () => current().kill(),
  };
}
