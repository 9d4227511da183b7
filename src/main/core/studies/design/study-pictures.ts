import { type NdArray } from '../../../../shared/arrays';
import { valueAt } from '../../../../shared/checked-reads';
import { imageRgba, mapRgba, type Rgba } from '../../../../shared/display/colour';
import { imageSize, sliceImage } from '../../../../shared/display/slice';
import { StudioError } from '../../../../shared/errors';
import { decodeNpy } from '../../../../shared/npy';
import { type ArtifactStore } from '../../artifacts/artifact-store';
import { type StoredTrial } from '../raters-repository';
import {
  type StoredStudy,
  type StoredStudyDataset,
  type StoredStudyImage,
  type StudiesRepository,
} from '../studies-repository';
import { exampleMap, isExampleKind } from './examples';
import { keepUpTo } from './keep-up-to';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly studies: StudiesRepository;
}

/** What a trial shows. */
export interface TrialPictures {
  /** RGBA bytes, uint8 [H, W, 4]: of one length for all pictures of a dataset. */
  readonly image: NdArray<Uint8Array>;
  readonly map: NdArray<Uint8Array>;
  readonly className: string;
}

interface Contents {
  readonly hash: string | null;
  readonly datasets: ReadonlyMap<string, StoredStudyDataset>;
  readonly places: ReadonlyMap<string, StoredStudyImage>;
  /** Artifact keys. */
  readonly maps: ReadonlyMap<string, string>;
}

const nameIn = (dataset: string, name: string) => JSON.stringify([dataset, name]);

interface KeptArray {
  readonly read: Promise<NdArray>;
  readonly bytes: number;
}

const arrayBytes = 192 * 2 ** 20;
const pictureBytes = 64 * 2 ** 20;

/**
 * Pictures of trials out of a study's stored arrays: rating needs neither the engine nor the
 * dataset. Arrays and pictures last used stay in memory.
 */
export class StudyPictures {
  readonly #parts: Pick<Parts, 'artifacts' | 'studies'>;
  readonly #arrays = keepUpTo<KeptArray>(arrayBytes, ({ bytes }) => bytes);
  readonly #studies = new Map<string, Contents>();
  readonly #pictures = keepUpTo<NdArray<Uint8Array>>(pictureBytes, ({ data }) => data.byteLength);

  constructor(parts: Pick<Parts, 'artifacts' | 'studies'>) {
    this.#parts = parts;
  }

  /**
   * The image of a trial and its map under the study's display. Throws `conflict` where the study
   * has no such picture, `corrupt-file` where its file was damaged.
   */
  async forTrial(
    study: StoredStudy,
    trial: Pick<StoredTrial, 'kind' | 'dataset' | 'image' | 'method'>,
  ): Promise<TrialPictures> {
    const { datasets, places, maps: artifacts } = this.#contents(study);
    const dataset = datasets.get(trial.dataset);
    const place = places.get(nameIn(trial.dataset, trial.image));
    if (!dataset || !place || !study.config) throw missing(study);
    const images = await this.#array(dataset.images);
    const pixels = sliceImage(images, place.position);
    const image = this.#picture(`${dataset.images} ${place.position}`, pixels, () =>
      imageRgba(pixels),
    );
    const { display, reduction } = study.config;
    const shown = `${place.position} ${display} ${reduction}`;
    const className = dataset.classes[place.label] ?? String(place.label);
    const { method } = trial;
    if (trial.kind === 'practice' || trial.kind === 'attention') {
      if (!isExampleKind(method)) throw missing(study);
      const key = `${dataset.images} ${method} ${shown}`;
      const map = this.#picture(key, pixels, () => exampleMap(method, pixels, display));
      return { image, map, className };
    }
    const artifact = artifacts.get(nameIn(trial.dataset, method));
    if (artifact === undefined) throw missing(study);
    const maps = await this.#array(artifact);
    const map = this.#picture(`${artifact} ${shown}`, pixels, () =>
      mapRgba(sliceImage(maps, place.position), display, null, reduction),
    );
    return { image, map, className };
  }

  /** Height and width of the largest picture of a study. */
  async largest(study: StoredStudy): Promise<[number, number]> {
    let [height, width] = [0, 0];
    for (const { images } of this.#contents(study).datasets.values()) {
      const { shape } = await this.#array(images);
      height = Math.max(height, valueAt(shape, 1));
      width = Math.max(width, valueAt(shape, 2));
    }
    return [height, width];
  }

  /** What the rows say, remembered while the study's hash stays: they are frozen with it. */
  #contents(study: StoredStudy): Contents {
    const kept = this.#studies.get(study.id);
    if (kept && kept.hash === study.hash) return kept;
    const { studies } = this.#parts;
    const contents = {
      hash: study.hash,
      datasets: new Map(studies.datasets(study.id).map((row) => [row.dataset, row])),
      places: new Map(studies.images(study.id).map((row) => [nameIn(row.dataset, row.image), row])),
      maps: new Map(
        studies.maps(study.id).map((row) => [nameIn(row.dataset, row.method), row.artifact]),
      ),
    };
    if (study.hash !== null) this.#studies.set(study.id, contents);
    return contents;
  }

  #array(key: string): Promise<NdArray> {
    const kept = this.#arrays.get(key);
    if (kept) return kept.read;
    const isKept = () => this.#arrays.peek(key)?.read === read;
    const read = this.#parts.artifacts.read(key).then((bytes) => {
      const array = decodeNpy(bytes, 'array.npy');
      if (isKept()) this.#arrays.set(key, { read, bytes: array.data.byteLength });
      return array;
    });
    // Counted once its size is known; one that fails is read again at the next call.
    this.#arrays.set(key, { read, bytes: 0 });
    read.catch(() => {
      if (isKept()) this.#arrays.delete(key);
    });
    return read;
  }

  #picture(key: string, like: NdArray, paint: () => Rgba): NdArray<Uint8Array> {
    const kept = this.#pictures.get(key);
    if (kept) return kept;
    const { height, width } = imageSize(like);
    const painted = paint();
    const data = new Uint8Array(painted.buffer, painted.byteOffset, painted.byteLength);
    const picture = { shape: [height, width, 4], data };
    this.#pictures.set(key, picture);
    return picture;
  }
}

function missing(study: StoredStudy): StudioError {
  return new StudioError({
    code: 'conflict',
    message: `A picture of ${study.name} is missing: prepare the study again.`,
  });
}
