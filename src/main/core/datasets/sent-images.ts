import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type NewId } from '../../../shared/ids';
import { imagesJobSchema } from '../../../shared/routes';
import { type JobsRepository } from '../jobs/jobs-repository';
import { type UploadStore } from '../storage/transit/upload-store';
import { type ImagesFrom } from './images-from';
import { type ImagesInput } from './images-import';

interface Parts {
  readonly dataDir: string;
  readonly jobs: Pick<JobsRepository, 'inState' | 'input'>;
  readonly newId: NewId;
  readonly uploads: Pick<UploadStore, 'keep'>;
}

/** Where images and what belongs to them lie on this machine. */
type Places = Pick<ImagesInput, 'path' | 'labels' | 'masks'>;

/** The files that were sent for imports: they lie in the data directory until these are done, which may be after a restart. */
export class SentImages {
  readonly #parts: Parts;
  readonly #root: string;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#root = join(parts.dataDir, 'downloads', 'sent-images');
  }

  /**
   * Give what was sent a path of its own, and start with it. What no import needs any more is deleted
   * before: one after the other, as nobody needs yet what is placed and not started.
   */
  place<T>(from: ImagesFrom, start: (at: Places) => T): Promise<T> {
    const done = this.#last.then(async () => start(await this.#placed(from)));
    this.#last = done.catch(() => undefined);
    return done;
  }

  /** Delete what was sent for an import. */
  async forget(input: Places): Promise<void> {
    for (const folder of this.#foldersOf(input)) await rm(folder, { recursive: true, force: true });
  }

  async #placed({ path, upload, labels, labelsUpload, masks, masksUpload }: ImagesFrom) {
    if (upload !== null || labelsUpload !== null || masksUpload !== null) await this.#sweep();
    const { newId, uploads } = this.#parts;
    const folder = join(this.#root, newId('upload'));
    // Each in a folder of its own: they may bear one name.
    const kept = (id: string, part: string) => uploads.keep(id, join(folder, part));
    return {
      path: upload === null ? (path ?? '') : await kept(upload, 'images'),
      labels: labelsUpload === null ? labels : await kept(labelsUpload, 'labels'),
      masks: masksUpload === null ? masks : await kept(masksUpload, 'masks'),
    };
  }

  /** The folders of what was sent for an import; each file lies in one of its own there. */
  #foldersOf({ path, labels, masks }: Places): string[] {
    return [path, labels, masks]
      .flatMap((file) => (file === null ? [] : [dirname(dirname(file))]))
      .filter((folder) => dirname(folder) === this.#root);
  }

  /** Delete what was sent for imports that were cancelled, and that nobody took up again. */
  async #sweep(): Promise<void> {
    if (!existsSync(this.#root)) return;
    const { jobs } = this.#parts;
    const needed = new Set(
      jobs
        .inState('queued', 'running', 'cancelling', 'parked', 'failed')
        .filter(({ kind }) => kind === 'images')
        .flatMap(({ id }) => this.#foldersOf(jobs.input(id, imagesJobSchema))),
    );
    for (const name of await readdir(this.#root)) {
      const folder = join(this.#root, name);
      if (!needed.has(folder)) await rm(folder, { recursive: true, force: true });
    }
  }
}
