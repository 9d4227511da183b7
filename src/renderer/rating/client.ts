import { readonly, ref, type Ref } from 'vue';
import { type z } from 'zod';
import { parse, StudioError } from '../../shared/errors';
import { answeredFrameSchema } from '../../shared/frames';
import { type RatingRouteName, ratingRoutes } from '../../shared/ratings/rating-routes';
import { type ConnectionState, type ReadFrame, type Transport } from '../api/transport';

export type RatingInput<K extends RatingRouteName> = z.input<(typeof ratingRoutes)[K]['input']>;
export type RatingOutput<K extends RatingRouteName> = z.output<(typeof ratingRoutes)[K]['output']>;

/** The connection was lost before an answer came: whether the call was carried out is not known. */
export class Disconnected extends Error {
  constructor(cause: unknown) {
    super('The connection was lost.', { cause });
    this.name = 'Disconnected';
  }
}

/** The rating routes, and no others. */
export interface RatingClient {
  /** Throws a StudioError where the call was refused, Disconnected where no answer came. */
  call<K extends RatingRouteName>(route: K, input: RatingInput<K>): Promise<RatingOutput<K>>;
  readonly connection: Readonly<Ref<ConnectionState>>;
  /** Resolves as soon as there is a connection. */
  connected(): Promise<void>;
  /** After a lost connection came back. */
  onReconnect(listener: () => void): void;
  /** Try to connect now instead of waiting for the next attempt. */
  retry(): void;
}

/** Reads answers and failures; an annotator's page is sent no events and would take none. */
export const readAnswer: ReadFrame = (received) => {
  const parsed = answeredFrameSchema.safeParse(received);
  return parsed.success ? parsed.data : null;
};

export function createRatingClient(transport: Transport): RatingClient {
  const connection = ref<ConnectionState>(transport.state);
  const waiting = new Set<() => void>();
  const reconnects = new Set<() => void>();
  let next = 1;

  transport.onState((state) => {
    const before = connection.value;
    connection.value = state;
    if (state !== 'open') return;
    for (const resolve of waiting) resolve();
    waiting.clear();
    if (before === 'lost') for (const listener of reconnects) listener();
  });

  return {
    async call(route, input) {
      const id = next;
      next += 1;
      const reply = await transport.send({ type: 'call', id, route, input }).catch((error) => {
        throw new Disconnected(error);
      });
      if (reply.type === 'failure') throw new StudioError(reply.error);
      const output = reply.type === 'answer' ? reply.output : undefined;
      return parse(ratingRoutes[route].output, output, route) as RatingOutput<typeof route>;
    },
    connection: readonly(connection),
    connected: () =>
      connection.value === 'open'
        ? Promise.resolve()
        : new Promise((resolve) => waiting.add(resolve)),
    onReconnect: (listener) => void reconnects.add(listener),
    retry: () => transport.retry(),
  };
}
