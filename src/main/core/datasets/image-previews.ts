import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type NdArray, toWire } from '../../../shared/arrays';
import { type EngineProgress } from '../../../shared/engine';
import {
  imagesPreviewFile,
  imagesPreviewSchema,
  sampleMasksFile,
  samplePixelsFile,
} from '../../../shared/images-preview';
import { decodeNpy } from '../../../shared/npy';
import { type RouteOutput, type RouteParsed } from '../../../shared/routes';
import { TransferPace } from '../../../shared/transfer-pace';
import { type EngineRequests } from '../jobs/engine-requests';
import { type Events } from '../jobs/events';
import { Looks } from '../jobs/looks';
import { type Clock } from '../storage/environment';
import { type Scratch } from '../storage/scratch';
import { type UploadStore } from '../storage/transit/upload-store';
import { withPaths } from './images-from';
import { KeptFolders } from './kept-folders';

interface Parts {
  readonly clock: Clock;
  readonly events: Events;
  readonly requests: EngineRequests;
  readonly scratch: Scratch;
  readonly uploads: Pick<UploadStore, 'read'>;
}

/** What images of one's own would come to, before they are imported: one look at a time of each client. */
export class ImagePreviews {
  readonly #parts: Parts;
  readonly #looks = new Looks('images');
  /** What was unpacked of a tar stays while its client looks at it. */
  readonly #folders: KeptFolders;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#folders = new KeptFolders(parts.scratch);
  }

  preview(
    { request, ...input }: RouteParsed<'datasets.previewImages'>,
    client: string,
  ): Promise<RouteOutput<'datasets.previewImages'>> {
    const { requests, uploads } = this.#parts;
    const { path, upload, labels, labelsUpload, masks, masksUpload, ...settings } = input;
    const from = { path, upload, labels, labelsUpload, masks, masksUpload };
    return this.#alone(client, (signal, stays) =>
      withPaths(uploads, from, (at) =>
        requests.collect(
          'images-preview',
          { ...at, settings, stays },
          async ({ folder }) => {
            const text = await readFile(join(folder, imagesPreviewFile), 'utf8');
            const preview = imagesPreviewSchema.parse(JSON.parse(text));
            const pixels = toWire(await arrayIn(folder, samplePixelsFile));
            return { ...preview, pixels, maskBits: toWire(await arrayIn(folder, sampleMasksFile)) };
          },
          { lane: 'interactive', signal, report: this.#teller(request) },
        ),
      ),
    );
  }

  samples(
    { path, upload, files, ...settings }: RouteParsed<'datasets.sampleImages'>,
    client: string,
  ): Promise<RouteOutput<'datasets.sampleImages'>> {
    const { requests, uploads } = this.#parts;
    const none = { labels: null, labelsUpload: null, masks: null, masksUpload: null };
    return this.#alone(client, (signal, stays) =>
      withPaths(uploads, { path, upload, ...none }, (at) =>
        requests.collect(
          'images-samples',
          { path: at.path, files, settings, stays },
          async ({ output: { refused }, folder }) => ({
            refused,
            pixels: toWire(await arrayIn(folder, samplePixelsFile)),
          }),
          { lane: 'interactive', signal },
        ),
      ),
    );
  }

  /** The look that a client waits for is given up, and so is what was unpacked for it. */
  cancel(client: string): Record<string, never> {
    // Whoever unpacks is done with the folder then.
    void this.#looks.over(client).then((over) => {
      if (over) this.#folders.drop(client);
    });
    return this.#looks.cancel(client);
  }

  /** Stop everything, for the end of the application. */
  async close(): Promise<void> {
    await this.#looks.close();
    await this.#folders.close();
  }

  #alone<T>(client: string, work: (signal: AbortSignal, stays: string) => Promise<T>): Promise<T> {
    return this.#looks.alone(client, (signal) =>
      this.#folders.with(client, (stays) => work(signal, stays)),
    );
  }

  /** Tells how far a look is, and how fast it goes. */
  #teller(request: string | undefined): ((progress: EngineProgress) => void) | undefined {
    if (request === undefined) return undefined;
    const { clock, events } = this.#parts;
    let [last, pace]: [EngineProgress | null, TransferPace | null] = [null, null];
    return (progress) => {
      const { done, total, unit } = progress;
      const at = clock.monotonic();
      // Files are seen once an archive is unpacked.
      if (!pace || last?.unit !== unit || last.total !== total || last.done > done) {
        pace = new TransferPace(total, at, done);
      }
      last = progress;
      pace.add(at, done);
      const secondsLeft = total > 0 ? pace.secondsLeft : null;
      const { rate } = pace;
      events.emit({ type: 'preview.progress', request, done, total, unit, rate, secondsLeft });
    };
  }
}

const arrayIn = async (folder: string, file: string): Promise<NdArray> =>
  decodeNpy(await readFile(join(folder, file)), file);
