import { type EngineOperation } from '../../../../shared/engine';
import { type EngineRequests, type RequestInput } from '../engine-requests';
import { type Executor, type Place, type Take } from '../executor';
import { type WorkOrder } from '../item-spec';
import { type ItemContext } from '../job-run';

/** This machine's own engine: one order at a time. */
export function localExecutor(requests: EngineRequests): Executor {
  const place: Place = {
    execute: <K extends EngineOperation>(
      { operation, dataset, input }: WorkOrder<K>,
      { signal, report, begun }: ItemContext,
      take: Take,
    ) => {
      begun();
      return requests.collect(
        operation,
        { ...(input as object), dataset: dataset.dataset } as unknown as RequestInput<K>,
        async ({ output, folder, files }) => {
          await take({ folder, files });
          return output;
        },
        { lane: 'batch', signal, report },
      );
    },
    close: () => Promise.resolve(),
  };
  return { room: 1, open: () => place };
}
