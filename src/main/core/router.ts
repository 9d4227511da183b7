import { isDefect, parse, StudioError, toErrorData } from '../../shared/errors';
import {
  type Api,
  type RouteName,
  type RouteOutput,
  type RouteParsed,
  routes,
} from '../../shared/routes';
import { checkRole, isRatingRoute } from './roles';
import { type Caller } from './sessions/caller';
import { forRaters, withoutNames } from './sessions/refusal';

/** One handler for each route: a missing one does not compile. */
export type Handlers = {
  readonly [K in RouteName]: (
    input: RouteParsed<K>,
    caller: Caller,
  ) => RouteOutput<K> | Promise<RouteOutput<K>>;
};

/** Routes that need to change nothing: all that an application opened for reading answers. */
export const readingRoutes: ReadonlySet<RouteName> = new Set<RouteName>([
  'app.catalogues',
  'app.status',
  'datasets.list',
  'datasets.verify',
  'datasets.images',
  'datasets.masks',
  'datasets.imported',
  'datasets.previewImages',
  'datasets.sampleImages',
  'datasets.cancelPreview',
  'datasets.refused',
  'datasets.users',
  'datasets.refusedExport',
  'files.list',
  'models.list',
  'models.get',
  'models.export',
  'models.predictions',
  'models.startFrom',
  'models.inspectFile',
  'models.cancelInspect',
  'methods.list',
  'methods.covered',
  'methods.inspect',
  'methods.cancelInspect',
  'maps.explore',
  'maps.cancel',
  'maps.sheet',
  'maps.sheetExport',
  'roar.forecast',
  'roar.list',
  'roar.result',
  'roar.degraded',
  'roar.compare',
  'roar.export',
  'experiments.forecast',
  'experiments.list',
  'experiments.result',
  'experiments.export',
  'studies.list',
  'studies.get',
  'studies.preview',
  'raters.list',
  'results.get',
  'results.choices',
  'results.kappas',
  'results.export',
  'studies.export',
  'ratings.export',
  'ratings.preview',
  'uploads.begin',
  'uploads.get',
  'uploads.discard',
  'machines.get',
  'backup.list',
  'jobs.list',
  'jobs.get',
]);

export interface RouterOptions {
  readonly access: 'read' | 'write';
  /** Told of failures that are no refusal: a defect of ours. */
  readonly onDefect: (route: string, error: unknown) => void;
  /** Whether annotator mode lasts, in which only rating.* answers. */
  readonly annotatorMode: () => boolean;
}

/** Parses the input, runs the handler, answers with its output; throws StudioError alone. */
export function createRouter(handlers: Handlers, options: RouterOptions, caller: Caller): Api {
  return {
    async call<K extends RouteName>(route: K, input: unknown): Promise<RouteOutput<K>> {
      if (typeof route !== 'string' || !Object.hasOwn(routes, route)) {
        throw new StudioError({
          code: 'not-found',
          message: `There is no route ${JSON.stringify(route)}.`,
        });
      }
      checkRole(route, caller, options.annotatorMode);
      if (options.access === 'read' && !readingRoutes.has(route)) {
        throw new StudioError({
          code: 'read-only',
          message: `${route} changes the data, which is open for reading only: its folder cannot be written. Copy it to a place of yours and open that with --data.`,
        });
      }
      const parsed = parse(routes[route].input, input) as RouteParsed<K>;
      const handler = handlers[route];
      try {
        return await handler(parsed, caller);
      } catch (error) {
        if (isRatingRoute(route)) throw forRatingPage(route, error, options);
        if (isDefect(error)) options.onDefect(route, error);
        throw error instanceof StudioError ? error : new StudioError(toErrorData(error), error);
      }
    },
  };
}

/** Raters are told nothing that could name what they rate; neither does the log. */
function forRatingPage(route: string, error: unknown, options: RouterOptions): StudioError {
  const told = forRaters(error);
  if (told !== error) options.onDefect(route, withoutNames(error));
  return told;
}
