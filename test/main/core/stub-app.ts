import { type App } from '../../../src/main/core/app';
import { fileDoor } from '../../../src/main/core/file-door';
import { type AppParts } from '../../../src/main/core/services';
import { researcher, type Who } from '../../../src/main/core/sessions/caller';
import { builtInCatalogues } from '../../../src/shared/catalogue/catalogues';
import { nameKey } from '../../../src/shared/identifying-text';
import { refuse, StudioError } from '../../../src/shared/errors';
import { type StudioEvent } from '../../../src/shared/events';
import {
  type Api,
  type RouteInput,
  type RouteName,
  type RouteOutput,
} from '../../../src/shared/routes';
import { transitStores } from './transfers';

export interface StubApp extends App, Pick<AppParts, 'uploads' | 'exports'> {
  readonly calls: { route: RouteName; input: unknown }[];
  readonly listeners: ReadonlySet<(event: StudioEvent) => void>;
  /** Who asked for an api or for events, in order. */
  readonly asked: (Who | undefined)[];
  /** Clients that are gone. */
  readonly left: string[];
  announce(event: StudioEvent): void;
}

export interface StubOptions {
  /** Raters by the token of their link; what is deleted has ended. */
  readonly links?: Map<string, string>;
  readonly annotatorMode?: () => boolean;
}

/** An App whose routes answer from a table: enough for what shells do with it. */
export function stubApp(
  answers: Partial<{
    [K in RouteName]: (input: RouteInput<K>) => RouteOutput<K> | Promise<RouteOutput<K>>;
  }> = {},
  { links = new Map(), annotatorMode = () => false }: StubOptions = {},
): StubApp {
  const listeners = new Set<(event: StudioEvent) => void>();
  const calls: StubApp['calls'] = [];
  const asked: (Who | undefined)[] = [];
  const left: string[] = [];
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
  const transit = transitStores();
  const filesFor = (who: Who) => fileDoor(transit, who, annotatorMode);
  return {
    ...transit,
    datasets: {
      facts: (id, field) => builtInCatalogues.datasets.get(id, field),
      named: (text, field) => builtInCatalogues.datasets.get(nameKey(text), field).id,
    },
    api,
    files: filesFor(researcher),
    filesFor,
    apiFor: (_client, who) => {
      asked.push(who);
      return api;
    },
    leave: (client) => void left.push(client),
    raterOf: (token) => links.get(token) ?? null,
    annotatorMode,
    endAnnotatorMode: () => false,
    exportMaps: refuses,
    writeRoarOutputs: refuses,
    calls,
    asked,
    left,
    listeners,
    announce: (event) => {
      for (const listener of listeners) listener(event);
    },
    subscribe(listener, who) {
      asked.push(who);
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    park: async () => undefined,
    async close() {
      await transit.uploads.close();
      await transit.exports.close();
    },
  };
}
