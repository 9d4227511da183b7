import { type Split } from '../../shared/catalogue/datasets';
import { valueAt } from '../../shared/checked-reads';
import { breathe } from '../runtime/cancel';
import { chooseClasses } from './class-choice';
import type { ImportRequest } from './import-request';
import { refusal } from './refusal';
import type { StoreContent, StoreWriter } from './store-writer';

/** Images between two reports, and two looks at whether the import is cancelled. */
const pace = 500;

/**
 * Writes what a subset keeps of images that a distribution numbers by class: the chosen classes alone,
 * the first so many training images of each, in its order.
 */
export class SubsetWriter {
  readonly #request: ImportRequest;
  readonly #writer: StoreWriter;
  readonly #total: number;
  /** The label that a class is given; -1: it is left out. */
  readonly #labels: readonly number[];
  readonly #classes: StoreContent['classes'];
  readonly #kept: number[];
  #done = 0;

  /**
   * @param names of all classes, in the order of their numbers
   * @param total images that will be offered
   * @throws StudioError `invalid-input` where a class is asked for that there is not
   */
  constructor(
    names: readonly string[],
    total: number,
    request: ImportRequest,
    writer: StoreWriter,
  ) {
    const all = names.map((name) => ({ id: name, name, synonyms: [] }));
    const chosen = chooseClasses(all, request.subset);
    this.#classes = chosen.map(({ id, name }) => ({ id, name }));
    this.#labels = all.map((one) => chosen.indexOf(one));
    this.#kept = names.map(() => 0);
    this.#total = total;
    this.#request = request;
    this.#writer = writer;
  }

  /**
   * The next image of a file, number `index` in it: bytes [H, W, C], asked for where it is kept alone.
   *
   * @throws StudioError `corrupt-file` for a number that is no class; `cancelled`
   */
  async offer(
    { file, split }: { readonly file: string; readonly split: Split },
    index: number,
    number: number,
    image: () => Uint8Array,
  ): Promise<void> {
    const label = this.#labels[number];
    if (label === undefined) {
      const last = this.#labels.length - 1;
      throw refusal(file, `image ${index} has the label ${number}; labels are 0 to ${last}`);
    }
    if (this.#done % pace === 0) {
      this.#report();
      await breathe(this.#request.signal);
    }
    this.#done += 1;
    if (label < 0) return;
    if (split === 'train') {
      const before = valueAt(this.#kept, label);
      if (before >= (this.#request.subset.perClass ?? Infinity)) return;
      this.#kept[label] = before + 1;
    }
    await this.#writer.add(split, image(), label);
  }

  /** @throws StudioError `corrupt-file` where a split has no image */
  finish(archive: string): StoreContent {
    for (const split of ['train', 'validation'] as const) {
      if (this.#writer.count(split) === 0) throw refusal(archive, `no ${split} image is in it`);
    }
    this.#report();
    const { whole } = this.#request;
    return {
      classes: this.#classes,
      complete:
        this.#classes.length === whole.classes &&
        this.#writer.count('train') === whole.train &&
        this.#writer.count('validation') === whole.validation,
    };
  }

  #report(): void {
    this.#request.report?.({ done: this.#done, total: this.#total, unit: 'images' });
  }
}
