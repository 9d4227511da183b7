import { conflict, notFound } from '../../../shared/errors';
import { type NewId } from '../../../shared/ids';
import { type ModelRecord, modelRecordSchema } from '../../../shared/records';
import { type RouteParsed } from '../../../shared/routes';
import { type Publication, publishedAccuracy } from '../export/publication';
import { type Events } from '../jobs/events';
import { type Clock, now } from '../storage/environment';
import { type ModelsRepository, type NewModel, type StoredModel } from './models-repository';

interface Parts {
  readonly clock: Clock;
  readonly events: Events;
  readonly models: ModelsRepository;
  readonly newId: NewId;
  readonly paper: () => Publication;
}

/** A model whose weights are final. */
export type ReadyModel = StoredModel & { readonly artifact: string; readonly sha256: string };

/** What there is to say of a model that was made elsewhere. */
export interface ImportedModel extends Pick<
  NewModel,
  'name' | 'dataset' | 'architecture' | 'adapted' | 'classes' | 'input' | 'removal'
> {
  /** Of its weights; its key too. */
  readonly artifact: string;
  /** On the validation split, from 0 to 1; null: it is not measured, or there is none. */
  readonly accuracy: number | null;
}

/** Trained and imported models. */
export class ModelsService {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  list(): ModelRecord[] {
    return this.#parts.models.list().map((model) => this.#record(model));
  }

  get(id: string): ModelRecord {
    return this.#record(this.stored(id));
  }

  stored(id: string): StoredModel {
    const model = this.#parts.models.get(id);
    if (!model) throw notFound('model', id);
    return model;
  }

  /** For those who compute with it. Throws `conflict` where it is not trained to its end. */
  ready(id: string): ReadyModel {
    const model = this.stored(id);
    const { artifact, sha256, state } = model;
    if (state !== 'ready' || !artifact || !sha256) {
      throw conflict(`${model.name} is not trained to its end: finish its training first.`);
    }
    return { ...model, artifact, sha256 };
  }

  /**
   * The newest that was trained on a dataset's whole images and tells its classes apart; null where there
   * is none.
   */
  newest(dataset: string): ReadyModel | null {
    const model = this.#parts.models.newestReady(dataset);
    return model ? this.ready(model.id) : null;
  }

  /** A model that was made elsewhere. */
  add({ artifact, accuracy, ...about }: ImportedModel): ModelRecord {
    const { models, newId } = this.#parts;
    const id = newId('model');
    models.insertReady(
      {
        ...about,
        id,
        key: artifact,
        origin: 'imported',
        recipe: null,
        removalSeed: 0,
        job: null,
        state: 'incomplete',
        createdAt: now(this.#parts),
      },
      artifact,
      accuracy,
    );
    return this.#changed(id);
  }

  rename({ model: id, name }: RouteParsed<'models.rename'>): ModelRecord {
    this.stored(id);
    this.#parts.models.rename(id, name);
    return this.#changed(id);
  }

  #changed(id: string): ModelRecord {
    this.#parts.events.emit({ type: 'model.changed', model: id });
    return this.get(id);
  }

  #record(model: StoredModel): ModelRecord {
    const stated =
      model.origin === 'trained'
        ? publishedAccuracy(this.#parts.paper(), model, model.removal.level)
        : null;
    // The schema leaves out what is storage's own: the model's key and its artifact's.
    return modelRecordSchema.parse({ ...model, paperAccuracy: stated });
  }
}
