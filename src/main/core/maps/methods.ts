import { builtInMethods, composedMethodId, type Method } from '../../../shared/catalogue/methods';
import { conflict, notFound, refuse } from '../../../shared/errors';
import { nameKey } from '../../../shared/identifying-text';
import { type RouteParsed } from '../../../shared/routes';
import { type Events } from '../jobs/events';
import { type Clock, now } from '../storage/environment';
import { type ImportedMaps } from './imported-maps';
import { type MethodsRepository } from './methods-repository';
import { type OperatorCatalogue } from '../../../shared/catalogue/operator-catalogue';
import { type Catalogues } from '../../../shared/catalogue/catalogues';

interface Parts {
  readonly catalogues: Pick<Catalogues, 'operators'>;
  /** Names of what uses a method. */
  readonly methodUsers: (method: string) => readonly string[];
  readonly clock: Clock;
  readonly events: Events;
  readonly importedMaps: Pick<ImportedMaps, 'coveredByAll'>;
  readonly methods: MethodsRepository;
}

/** Saliency methods: the catalogue's and those that the user composed. */
export class MethodsService {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** What methods are composed of. */
  get operators(): OperatorCatalogue {
    return this.#parts.catalogues.operators;
  }

  list(): Method[] {
    return [...builtInMethods, ...this.#parts.methods.list()];
  }

  /** The methods of these ids in their order. Refuses an id that nobody knows, naming the field. */
  resolve(ids: readonly string[], field = 'methods'): Method[] {
    const known = new Map(this.list().map((method) => [method.id, method]));
    return ids.map((id, i) => {
      const method = known.get(id);
      if (!method) throw refuse(`${field}.${i}`, id, `one of: ${[...known.keys()].join(', ')}`);
      return method;
    });
  }

  /** The images of a split that all of these methods have maps of; null: all. */
  covered({ methods, split }: RouteParsed<'methods.covered'>): [number, number][] | null {
    const ranges = this.#parts.importedMaps.coveredByAll(this.resolve(methods), split);
    return ranges && ranges.map(([first, last]) => [first, last]);
  }

  /** Refuses a name that another method has. */
  requireFree(name: string): void {
    const taken = this.list().find((method) => nameKey(method.name) === nameKey(name));
    if (taken) throw refuse('name', name, 'a name that no other method has');
  }

  compose({ composition, name }: RouteParsed<'methods.compose'>): Method {
    if (this.operators.isImported(this.operators.parse(composition))) {
      throw refuse('composition', composition, this.operators.grammar);
    }
    const present = this.list().find((method) => method.composition === composition);
    if (present) throw conflict(`${composition} exists already: it is ${present.name}.`);
    this.requireFree(name);
    const id = composedMethodId(composition);
    this.#parts.methods.insert({ id, name, composition }, now(this.#parts));
    return { id, name, composition, group: 'composed', equations: '' };
  }

  remove({ method: id }: RouteParsed<'methods.remove'>): Record<string, never> {
    if (builtInMethods.some((method) => method.id === id)) {
      throw refuse('method', id, 'a method that was composed or imported: the built-in ones stay');
    }
    if (!this.#parts.methods.get(id)) throw notFound('method', id);
    const users = this.#parts.methodUsers(id);
    if (users.length > 0) {
      throw conflict(
        `The method is used by ${users.join(', ')}: remove these runs and studies first.`,
      );
    }
    this.#parts.methods.remove(id);
    this.#parts.events.emit({ type: 'methods.changed' });
    return {};
  }
}
