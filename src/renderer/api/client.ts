import { inject, type InjectionKey, readonly, ref, type Ref } from 'vue';
import { parse, StudioError } from '../../shared/errors';
import { type EventOf, type EventType, type StudioEvent } from '../../shared/events';
import { type Api, type RouteName, type RouteOutput, routes } from '../../shared/routes';
import { type ConnectionState, type Transport } from './transport';

/** The one door to core: typed calls, typed events, and the state of the connection. */
export interface Client extends Api {
  on<T extends EventType>(type: T, listener: (event: EventOf<T>) => void): () => void;
  /** After a lost connection came back: what was shown may be stale. */
  onReconnect(listener: () => void): () => void;
  readonly connection: Readonly<Ref<ConnectionState>>;
  retry(): void;
}

type Listener = (event: StudioEvent) => void;

export function createClient(transport: Transport): Client {
  const connection = ref<ConnectionState>(transport.state);
  const listeners = new Map<EventType, Set<Listener>>();
  const reconnects = new Set<() => void>();
  let next = 1;

  transport.onState((state) => {
    const before = connection.value;
    connection.value = state;
    if (before === 'lost' && state === 'open') for (const listener of reconnects) listener();
  });

  transport.onEvent((frame) => {
    if (frame.type !== 'event') return;
    for (const listener of listeners.get(frame.event.type) ?? []) listener(frame.event);
  });

  return {
    connection: readonly(connection),
    retry: () => transport.retry(),
    async call<K extends RouteName>(route: K, input: Parameters<Api['call']>[1]) {
      const id = next;
      next += 1;
      const reply = await transport.send({ type: 'call', id, route, input });
      if (reply.type === 'failure') throw new StudioError(reply.error);
      if (reply.type === 'event') {
        throw new StudioError({ code: 'internal', message: `${route} was answered by an event.` });
      }
      return parse(routes[route].output, reply.output, route) as RouteOutput<K>;
    },
    on<T extends EventType>(type: T, listener: (event: EventOf<T>) => void) {
      const set = listeners.get(type) ?? new Set<Listener>();
      listeners.set(type, set);
      const own: Listener = (event) => listener(event as EventOf<T>);
      set.add(own);
      return () => set.delete(own);
    },
    onReconnect: (listener) => {
      reconnects.add(listener);
      return () => reconnects.delete(listener);
    },
  };
}

export const clientKey: InjectionKey<Client> = Symbol('client');

/** The client given to this app; for components and stores. */
export function useClient(): Client {
  const client = inject(clientKey);
  if (!client) throw new Error('useClient needs an app that provides clientKey');
  return client;
}
