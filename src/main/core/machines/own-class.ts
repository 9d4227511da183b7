import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../shared/canonical';
import {
  type EngineDescription,
  type EngineInput,
  type EngineOutput,
  type Lane,
} from '../../../shared/engine';
import { engineKey } from '../artifacts/keys';
import { type InstalledFiles } from '../storage/installed-files';
import { engineBuild } from './engine-build';
import { type EngineClass } from './engine-class';

/** What is asked of an engine to tell its class; `EngineHost` answers it. */
export interface ProbedEngine {
  /** Throws `engine-unavailable`. */
  ready(): Promise<EngineDescription>;
  request(
    operation: 'probe',
    input: EngineInput<'probe'>,
    options: { lane: Lane; signal?: AbortSignal | undefined },
  ): Promise<EngineOutput<'probe'>>;
}

interface Parts {
  readonly engine: ProbedEngine;
  readonly files: Pick<InstalledFiles, 'root' | 'engineEntry'>;
  /** Milliseconds since any time. Default: since this process began. */
  readonly now?: () => number;
}

/** Milliseconds after which an engine that failed is asked again by whoever only shows its class. */
const pause = 60_000;

/** The class of this installation's engine, with the threads that it has: asked once, then known. */
export class OwnClass {
  readonly #parts: Parts;
  #asked: Promise<EngineClass> | null = null;
  #known: EngineClass | null = null;
  #failedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * A probe of some seconds the first time.
   *
   * @param lane of the probe: a batch waits for what the engine is at
   * @throws StudioError `engine-unavailable`; asked again, it tries again
   */
  of(lane: Lane = 'interactive'): Promise<EngineClass> {
    this.#asked ??= this.#ask(lane).then(
      (known) => (this.#known = known),
      (error: unknown) => {
        this.#asked = null;
        this.#failedAt = this.#now();
        throw error;
      },
    );
    return this.#asked;
  }

  /** The same where it is known; else null, and it is asked for, a minute after it could not be told. */
  known(): EngineClass | null {
    // Whoever needs it to go on is told why it cannot be known.
    if (!this.#known && this.#now() - this.#failedAt >= pause) this.of().catch(() => undefined);
    return this.#known;
  }

  #now(): number {
    return (this.#parts.now ?? (() => performance.now()))();
  }

  async #ask(lane: Lane): Promise<EngineClass> {
    const { engine, files } = this.#parts;
    const description = await engine.ready();
    const build = await buildOf(description, files);
    const { sha256 } = await engine.request('probe', {}, { lane });
    return { build, engine: engineKey(description), probe: sha256 };
  }
}

/** Of a class: what its engine is built from, and runs on. */
export async function buildOf(
  { versions }: Pick<EngineDescription, 'versions'>,
  files: Parts['files'],
): Promise<string> {
  const { node, tfjs, addon } = versions;
  const code = await engineBuild(files);
  // Sines and logarithms are Node's own.
  return createHash('sha256').update(canonicalJson({ code, node, tfjs, addon })).digest('hex');
}
