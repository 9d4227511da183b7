import { type Catalogues } from '../../shared/catalogue/catalogues';
import { type App, type AppOptions } from '../core/app';
import { type WorkerSettings } from '../core/machines/worker/start-worker';
import { type WorkerEnd } from '../core/machines/worker/worker';
import { type DataPlace, namingDataPlace } from '../core/storage/data-directory';
import { type Doctor } from './doctor/probes';

/** What commands need of the world, so that tests can bring their own. */
export interface CommandEnvironment {
  /** What can be chosen. */
  readonly catalogues: Catalogues;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Whether stderr is a terminal, and how wide. */
  readonly terminal: { readonly columns: number } | null;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  readonly monotonic: () => number;
  readonly openApp: (options: OpenOptions) => Promise<App>;
  readonly defaultData: () => DataPlace;
  readonly doctor: (dataDir: string) => Doctor;
  /** The program of the queue's server, for trying it out; null where none was brought. */
  readonly valkey: string | null;
  /** Work for another machine until the signal is aborted. */
  readonly startWorker: (
    settings: WorkerSettings,
    context: { readonly say: (line: string) => void; readonly signal: AbortSignal },
  ) => Promise<WorkerEnd>;
}

export interface OpenOptions {
  readonly dataDir: string;
  readonly access: NonNullable<AppOptions['access']>;
  /** Where its job is done; null or left out: as the settings say. */
  readonly work?: AppOptions['work'];
  /** Of an item; null or left out: as the settings say. */
  readonly threads?: number | null;
  /** Whether TensorFlow is loaded before anything asks for it; default: where it can be written. */
  readonly warm?: AppOptions['warm'];
}

/** What a command hands back: one JSON object, or lines for a person; and how it ended. */
export interface Outcome {
  readonly json: object;
  readonly text: readonly string[];
  readonly exit: ExitCode;
}

export const exits = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;
export type ExitCode = (typeof exits)[keyof typeof exits];

export interface CommandContext {
  readonly world: CommandEnvironment;
  readonly dataDir: string;
  /** The option or variable that named it. */
  readonly dataFrom: string;
  /** A line of news on stderr. */
  readonly say: (text: string) => void;
  /** Of a command that stays: what it has to hand back already, in place of its outcome's. */
  readonly announce: (outcome: Pick<Outcome, 'json' | 'text'>) => void;
}

/** Open the app, do the work, close it again whatever happens. */
export async function withApp<T>(
  { world, dataDir, dataFrom }: CommandContext,
  access: OpenOptions['access'],
  work: (app: App) => Promise<T>,
  asked: Omit<OpenOptions, 'dataDir' | 'access'> = {},
): Promise<T> {
  const app = await world.openApp({ dataDir, access, ...asked }).catch((error: unknown) => {
    throw namingDataPlace(error, { path: dataDir, from: dataFrom });
  });
  try {
    return await work(app);
  } finally {
    await app.close();
  }
}

/** The same for work on files alone: TensorFlow, which would take half a gigabyte, is not loaded for it. */
export const withFiles = <T>(context: CommandContext, work: (app: App) => Promise<T>): Promise<T> =>
  withApp(context, 'write', work, { warm: false });
