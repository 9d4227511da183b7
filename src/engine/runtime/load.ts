import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import path from 'node:path';
import util from 'node:util';
import { reasonOf, StudioError } from '../../shared/errors';
import { createKernels, type Kernels } from './kernels';
import type { NativeBackend, TensorFlow } from './tensorflow';

export interface LoadOptions {
  /** Threads inside one operation, at least 1. Values agree between thread counts to rounding only. */
  threads: number;
  /** Folder of the package `@tensorflow/tfjs-node-gpu`; default: found from this module. */
  addonDir?: string;
}

export interface Runtime {
  readonly tf: TensorFlow;
  readonly kernels: Kernels;
  readonly device: 'cpu' | 'cuda';
  readonly deviceName: string;
  readonly versions: {
    readonly tensorflow: string;
    readonly tfjs: string;
    readonly addon: string;
    readonly node: string;
  };
  readonly threads: number;
  /** Whether TensorFlow's oneDNN kernels are there and used where they are faster. */
  readonly oneDnn: boolean;
}

/** Our own operations' addon (native/module.cc). */
interface OwnOperations {
  install(threads: number): void;
  readonly instructions: 'plain' | 'avx2' | 'avx512';
}

const packageName = '@tensorflow/tfjs-node-gpu';

/** TensorFlow is loaded once in a process: the addon cannot be unloaded. */
let loaded: { promise: Promise<Runtime>; threads: number } | null = null;

/**
 * Load TensorFlow into this process. What its results depend on is set before, in the environment:
 * thread counts, oneDNN, the allocator and on CUDA deterministic kernels.
 *
 * @throws StudioError `engine-unavailable` when the addon or the library is missing or does not
 *   load; `conflict` when it is loaded already with another number of threads
 */
export function loadRuntime(options: LoadOptions): Promise<Runtime> {
  if (loaded) {
    if (loaded.threads === options.threads) return loaded.promise;
    throw new StudioError({
      code: 'conflict',
      message: `TensorFlow runs with ${loaded.threads} threads in this process; start another process for ${options.threads}.`,
    });
  }
  // A failed attempt may be repeated: set-up may have mended it in between.
  const promise = Promise.resolve().then(() => load(options));
  loaded = { promise, threads: options.threads };
  promise.catch(() => {
    loaded = null;
  });
  return promise;
}

function load(options: LoadOptions): Runtime {
  const { threads } = options;
  process.env['TF_NUM_INTRAOP_THREADS'] = String(threads);
  process.env['TF_NUM_INTEROP_THREADS'] = '1';
  // Off: TensorFlow would rewrite every operation to oneDNN. We call its kernels by name where they
  // are faster (convolution.ts, pooling.ts) and Eigen's, faster and steadier, elsewhere.
  process.env['TF_ENABLE_ONEDNN_OPTS'] = '0';
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  // A pool for the processor's memory: without it every large result is mapped and faulted in anew,
  // which doubles the time of a convolution.
  process.env['TF_CPU_ALLOCATOR_USE_BFC'] = 'true';
  process.env['TF_DETERMINISTIC_OPS'] = '1';
  process.env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true';
  // tfjs-node calls it; Node 23 removed it.
  const legacy = util as unknown as Record<string, unknown>;
  legacy['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;

  const require = options.addonDir
    ? createRequire(path.join(options.addonDir, 'package.json'))
    : createRequire(import.meta.url);
  const directory = options.addonDir ?? packageDirectory(require);
  const [, own] = ['tfjs_binding.node', 'studio_operations.node'].map((name) => {
    const file = path.join(directory, 'lib', 'napi-v8', name);
    if (existsSync(file)) return file;
    throw unavailable(`TensorFlow's Node addon is not built (${file} is missing)`);
  }) as [string, string];
  let tf: TensorFlow;
  let operations: OwnOperations;
  try {
    tf = require(directory) as TensorFlow;
    operations = require(own) as OwnOperations;
    operations.install(threads);
  } catch (error) {
    const reason = reasonOf(error).split('\n')[0] ?? '';
    throw unavailable(`TensorFlow does not load: ${reason}`, error);
  }
  if (tf.getBackend() !== 'tensorflow') {
    throw unavailable(`TensorFlow's backend did not start; tfjs chose '${tf.getBackend()}'`);
  }
  tf.enableProdMode();
  const { binding } = tf.backend() as unknown as NativeBackend;
  const device = binding.isUsingGpuDevice() ? 'cuda' : 'cpu';
  const kernels = createKernels(tf, device);
  return {
    tf,
    kernels,
    device,
    deviceName: device === 'cuda' ? gpuName() : processorName(operations),
    versions: {
      tensorflow: binding.TF_Version,
      tfjs: tf.version['tfjs-core'],
      addon: tf.version['tfjs-node'],
      node: process.versions.node,
    },
    threads,
    oneDnn: kernels.oneDnn,
  };
}

function packageDirectory(require: NodeJS.Require): string {
  try {
    return path.dirname(require.resolve(`${packageName}/package.json`));
  } catch (error) {
    throw unavailable(`The package ${packageName} is not installed`, error);
  }
}

/**
 * With what its name may not tell: vectors of 512 bits, with which TensorFlow's sums and ours come out
 * in other last digits than with those of 256, the usual ones.
 */
function processorName({ instructions }: OwnOperations): string {
  const name = (cpus()[0]?.model ?? 'CPU').trim();
  return instructions === 'avx512' ? `${name}, AVX-512` : name;
}

function gpuName(): string {
  try {
    const options = { encoding: 'utf8', timeout: 5000 } as const;
    const text = execFileSync('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader'], options);
    return text.split('\n')[0]?.trim() || 'NVIDIA GPU';
  } catch {
    return 'NVIDIA GPU';
  }
}

function unavailable(reason: string, cause?: unknown): StudioError {
  return new StudioError(
    {
      code: 'engine-unavailable',
      message: `${reason}. Run \`npm run setup\` to build it.`,
      details: { reason, remedy: 'npm run setup' },
    },
    cause,
  );
}
