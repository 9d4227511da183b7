import { type EngineRequests } from '../engine-requests';
import { type Executor } from '../executor';

/** This machine's own engine: one order at a time. */
export function localExecutor(requests: EngineRequests): Executor {
  return {
    room: 1,
    execute: ({ operation, input }, { signal, report }, take) =>
      requests.collect(
        operation,
        input,
        async ({ output, folder, files }) => {
          await take({ folder, files });
          return output;
        },
        { lane: 'batch', signal, report },
      ),
  };
}
