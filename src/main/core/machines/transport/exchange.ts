import { type WorkResult } from '../work-chain';

export interface ExchangeOptions {
  readonly signal: AbortSignal;
}

/**
 * How files and results go between a worker and its coordinator: by hash, never through the queue.
 * While the other side is away, each call waits and tries again until its signal is aborted.
 */
export interface Exchange {
  /** Bring a blob to `file`, resumed where a part of it is there, its hash checked on arrival. */
  fetchBlob(
    blob: { sha256: string; bytes: number },
    file: string,
    o: ExchangeOptions,
  ): Promise<void>;
  /** Take a blob there, resumed where the other side has a part; nothing is sent that it has. */
  putBlob(blob: { sha256: string; bytes: number }, file: string, o: ExchangeOptions): Promise<void>;
  /** What came of a request, if it is known. */
  result(request: string, o: ExchangeOptions): Promise<WorkResult | null>;
  /** Throws StudioError `not-found` where a blob of it is not there, `conflict` where another result is. */
  putResult(request: string, result: WorkResult, o: ExchangeOptions): Promise<void>;
}
