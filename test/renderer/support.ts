import { createPinia, type Pinia, setActivePinia } from 'pinia';
import { type App, createApp } from 'vue';
import { toErrorData } from '../../src/shared/errors';
import { type StudioEvent } from '../../src/shared/events';
import { type RouteInput, type RouteName, type RouteOutput } from '../../src/shared/routes';
import { type ReplyFrame } from '../../src/shared/wire';
import { type Client, clientKey, createClient } from '../../src/renderer/api/client';
import { type FileCarrier } from '../../src/renderer/api/carrier';
import { type ConnectionState, type Transport } from '../../src/renderer/api/transport';

type Handlers = {
  [K in RouteName]?: (input: RouteInput<K>) => RouteOutput<K> | Promise<RouteOutput<K>>;
};

export interface Backend {
  readonly transport: Transport;
  readonly client: Client;
  readonly calls: { readonly route: string; readonly input: unknown }[];
  emit(event: StudioEvent): void;
  setState(state: ConnectionState): void;
}

const noFiles: FileCarrier = {
  give: async () => null,
  send: async () => undefined,
  save: async () => true,
};

/** The other end of the wire: answers routes from `handlers` and announces events. */
export function backend(handlers: Handlers, carrier: Partial<FileCarrier> = {}): Backend {
  const events = new Set<(frame: ReplyFrame) => void>();
  const states = new Set<(state: ConnectionState) => void>();
  const calls: { route: string; input: unknown }[] = [];
  let state: ConnectionState = 'open';
  const transport: Transport = {
    get state() {
      return state;
    },
    async send({ id, route, input }) {
      calls.push({ route, input });
      const handler = Object.entries(handlers).find(([name]) => name === route)?.[1] as
        ((input: unknown) => unknown) | undefined;
      try {
        if (!handler) throw new Error(`no handler for ${route}`);
        return { type: 'answer', id, output: await handler(input) };
      } catch (error) {
        return { type: 'failure', id, error: toErrorData(error) };
      }
    },
    onEvent: (listener) => {
      events.add(listener);
      return () => events.delete(listener);
    },
    onState: (listener) => {
      states.add(listener);
      return () => states.delete(listener);
    },
    retry: () => undefined,
  };
  return {
    transport,
    client: createClient(transport, { ...noFiles, ...carrier }),
    calls,
    emit: (event) => events.forEach((listener) => listener({ type: 'event', event })),
    setState: (next) => {
      state = next;
      states.forEach((listener) => listener(next));
    },
  };
}

/** An app that provides the client and Pinia, for stores without components. */
export function appWith(client: Client): { app: App; pinia: Pinia } {
  const app = createApp({ render: () => null });
  const pinia = createPinia();
  app.provide(clientKey, client);
  app.use(pinia);
  setActivePinia(pinia);
  return { app, pinia };
}

/** Let promises settle. */
export const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
