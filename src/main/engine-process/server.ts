import { z } from 'zod';
import { type EngineCatalogues } from '../../engine/catalogues';
import { SampleFiles } from '../../engine/datasets/images/sample-files';
import { pauseWith } from '../../engine/runtime/cancel';
import { type EngineOperation, engineOperations, type Lane } from '../../shared/engine';
import { isDefect, parse, StudioError, toErrorData } from '../../shared/errors';
import { createChannel, type Wire } from './channel';
import { DatasetCache } from './dataset-cache';
import { type Host } from './host';
import { Lanes } from './lanes';
import { ModelCache } from './model-cache';
import { type Operation, type OperationContext } from './operation';
import { operations } from './operations';
import { throttled } from './progress';
import { RemovalCache } from './removal-cache';

interface Request {
  readonly job: number;
  readonly attempt: number;
  readonly operation: EngineOperation;
  readonly lane: Lane;
  readonly input: unknown;
}

/** Answer core's requests; gives the function that takes what core sends. */
export function serve(options: {
  wire: Wire;
  host: Host;
  catalogues: EngineCatalogues;
  log: (line: string) => void;
}): (received: unknown) => void {
  const { wire, host, catalogues, log } = options;
  const lanes = new Lanes();
  const datasets = new DatasetCache();
  const models = new ModelCache(catalogues.networks);
  const removal = new RemovalCache();
  const samples = new SampleFiles();
  const running = new Map<number, AbortController>();

  const answer = async (request: Request): Promise<void> => {
    const { operation, lane } = request;
    const controller = new AbortController();
    running.set(request.job, controller);
    const { signal } = controller;
    try {
      const output = await lanes.run(lane, signal, (pause) => {
        pauseWith(signal, pause);
        const report = throttled((progress) => {
          if (!signal.aborted) channel.send(request, { type: 'progress', progress });
        });
        const runtime = () => host.runtime();
        return perform(operation, request.input, {
          runtime,
          catalogues,
          datasets,
          models,
          removal,
          samples,
          signal,
          report,
        });
      });
      channel.send(request, { type: 'result', output });
    } catch (error) {
      const data = toErrorData(error);
      // An unknown error is a defect: its trace belongs in the log, which core keeps.
      if (isDefect(error)) log(error instanceof Error ? (error.stack ?? '') : data.message);
      channel.send(request, { type: 'error', error: data });
    } finally {
      running.delete(request.job);
    }
  };

  const channel = createChannel(
    wire,
    {
      request: (request) => void answer(request),
      cancel: (job) =>
        running
          .get(job)
          ?.abort(new StudioError({ code: 'cancelled', message: 'The operation was cancelled.' })),
    },
    log,
  );
  return channel.receive;
}

async function perform<K extends EngineOperation>(
  name: K,
  input: unknown,
  context: OperationContext,
): Promise<unknown> {
  const { input: accepts, output: gives } = engineOperations[name];
  const operation: Operation<K> = operations[name];
  const parsed = parse(accepts, input) as Parameters<Operation<K>>[0];
  const output = gives.safeParse(await operation(parsed, context));
  if (output.success) return output.data;
  throw new StudioError({
    code: 'internal',
    message: `${name} gave what is not its output.`,
    details: { reason: z.prettifyError(output.error) },
  });
}
