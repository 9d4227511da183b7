import type { Optimiser } from './model';
import type { Rates } from './schedule';

/** Which optimiser trains, with PyTorch's meanings and, where nothing is said, its defaults. */
export type OptimiserSettings =
  | { readonly kind: 'adam' }
  | {
      readonly kind: 'sgd';
      /** A schedule that moves momentum stands above it. */
      readonly momentum: number;
      readonly weightDecay: number;
      readonly nesterov?: boolean;
    };

/** What an optimiser remembers, in PyTorch's layouts and names, and the steps taken. */
export interface OptimiserState {
  readonly kind: OptimiserSettings['kind'];
  readonly step: number;
  /** Adam: `exp_avg.<parameter>` and `exp_avg_sq.<parameter>`; SGD: `momentum_buffer.<parameter>`. */
  readonly moments: ReadonlyMap<string, Float32Array>;
}

/** An optimiser over a whole training. The caller disposes it. */
export interface TrainingOptimiser extends Optimiser {
  readonly kind: OptimiserSettings['kind'];
  /** The rates of the steps from here on. */
  set(rates: Rates): void;
  /** Copy the state out, for a checkpoint. */
  read(): Promise<OptimiserState>;
  /** Go on from a checkpoint's state. */
  write(state: OptimiserState): void;
  dispose(): void;
}
