import { inject, type InjectionKey, readonly, ref, type Ref } from 'vue';
import { parse, refuse, StudioError } from '../../shared/errors';
import { type EventOf, type EventType, type StudioEvent } from '../../shared/events';
import { type ExportFile } from '../../shared/export-file';
import { type Api, type RouteName, type RouteOutput, routes } from '../../shared/routes';
import { type Upload } from '../../shared/uploads';
import { type FileCarrier, type SendOptions } from './carrier';
import { type ConnectionState, type Transport } from './transport';

/** The one door to core: typed calls, typed events, and the state of the connection. */
export interface Client extends Api {
  on<T extends EventType>(type: T, listener: (event: EventOf<T>) => void): () => void;
  /** After a lost connection came back: what was shown may be stale. */
  onReconnect(listener: () => void): () => void;
  readonly connection: Readonly<Ref<ConnectionState>>;
  retry(): void;
  /**
   * Bring a file to core, for the routes that take its id; given up, nothing of it is kept. What is
   * not used is deleted after an hour. Throws why it did not arrive, or the signal's reason.
   */
  upload(file: File, options?: SendOptions): Promise<Upload>;
  /** Give up an upload that is not needed any more. */
  discard(upload: Upload): void;
  /** Hand an exported file to the person; false where they chose not to have it. */
  save(file: ExportFile): Promise<boolean>;
}

type Listener = (event: StudioEvent) => void;

export function createClient(transport: Transport, carrier: FileCarrier): Client {
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

  const call: Api['call'] = async <K extends RouteName>(
    route: K,
    input: Parameters<Api['call']>[1],
  ) => {
    const id = next;
    next += 1;
    const reply = await transport.send({ type: 'call', id, route, input });
    if (reply.type === 'failure') throw new StudioError(reply.error);
    if (reply.type === 'event') {
      throw new StudioError({ code: 'internal', message: `${route} was answered by an event.` });
    }
    return parse(routes[route].output, reply.output, route) as RouteOutput<K>;
  };
  /** What cannot be given up now, core deletes by itself. */
  const discard = (upload: string) =>
    void call('uploads.discard', { upload }).catch(() => undefined);

  return {
    connection: readonly(connection),
    retry: () => transport.retry(),
    call,
    async upload(file, options = {}) {
      options.signal?.throwIfAborted();
      if (file.size === 0) throw refuse('file', file.name, 'a file that is not empty');
      const given = await carrier.give(file);
      if (given) return given;
      const { name, size: bytes } = file;
      const { upload } = await call('uploads.begin', { name, bytes });
      try {
        await carrier.send(upload, file, options);
        options.signal?.throwIfAborted();
        return await call('uploads.get', { upload });
      } catch (error) {
        discard(upload);
        throw error;
      }
    },
    discard: ({ upload }) => discard(upload),
    save: (file) => carrier.save(file),
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
