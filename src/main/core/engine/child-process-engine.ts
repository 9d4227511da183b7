import { type EnginePort } from '../../../shared/engine';

export interface ChildEngineOptions {
  /** The bundled Node binary (`installedFiles().node`). */
  readonly nodePath: string;
  /** The built entry of the engine process (`installedFiles().engineEntry`). */
  readonly entry: string;
  /** TF_NUM_INTRAOP_THREADS; null leaves the choice to TensorFlow (one a core). */
  readonly threads: number | null;
  /** Receives the process's own output and what the supervisor does, a line at a time. */
  readonly log: (line: string) => void;
}

export declare function startChildEngine(options: ChildEngineOptions): EnginePort;
