import { refuse, StudioError } from '../../src/shared/errors';
import { type StudioEvent } from '../../src/shared/events';
import {
  type Api,
  type RouteInput,
  type RouteName,
  type RouteOutput,
} from '../../src/shared/routes';
import { type App } from '../../src/main/core/app';

export interface StubApp extends App {
  readonly calls: { route: RouteName; input: unknown }[];
  readonly listeners: ReadonlySet<(event: StudioEvent) => void>;
  announce(event: StudioEvent): void;
}

/** An App whose routes answer from a table: enough for what shells do with it. */
export function stubApp(
  answers: Partial<{ [K in RouteName]: (input: RouteInput<K>) => RouteOutput<K> }> = {},
): StubApp {
  const listeners = new Set<(event: StudioEvent) => void>();
  const calls: StubApp['calls'] = [];
  const api: Api = {
    async call<K extends RouteName>(route: K, input: RouteInput<K>): Promise<RouteOutput<K>> {
      calls.push({ route, input });
      if (typeof input !== 'object') throw refuse('input', input, 'an object');
      const answer = answers[route];
      if (!answer) throw new StudioError({ code: 'not-found', message: `No answer to ${route}.` });
      return answer(input);
    },
  };
  const refuses = async (): Promise<never> => {
    throw new StudioError({ code: 'not-found', message: 'The stub writes no files.' });
  };
  return {
    api,
    apiFor: () => api,
    exportMaps: refuses,
    writeRoarOutputs: refuses,
    calls,
    listeners,
    announce: (event) => {
      for (const listener of listeners) listener(event);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    park: async () => undefined,
    close: async () => undefined,
  };
}
