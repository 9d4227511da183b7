import { type WorkResult } from '../work-chain';

/** What came of a request twice, by two workers, with different content. */
export interface Contradiction {
  readonly request: string;
  readonly workers: readonly [string, string];
}

/** Results and blobs that workers sent, on this machine's disk, as the coordinator takes them. */
export interface Arrivals {
  /** What has arrived for a request; null: nothing, or nothing whole. */
  result(request: string): Promise<WorkResult | null>;
  /** Where a blob lies that a result names. */
  blob(sha256: string): string;
  /** Told, in this process, of each request whose result has arrived. */
  onResult(listener: (request: string) => void): () => void;
  onContradiction(listener: (contradiction: Contradiction) => void): () => void;
  /** Forget the result of a request, and the blobs that no other one names. */
  remove(request: string): Promise<void>;
}
