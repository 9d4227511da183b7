import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type NdArray, toWire } from '../../../shared/arrays';
import { StudioError } from '../../../shared/errors';
import {
  imagesPreviewFile,
  imagesPreviewSchema,
  samplePixelsFile,
} from '../../../shared/images-preview';
import { decodeNpy } from '../../../shared/npy';
import { type RouteOutput, type RouteParsed } from '../../../shared/routes';
import { type EngineRequests } from '../jobs/engine-requests';
import { OneAtATime } from '../jobs/one-at-a-time';
import { type UploadStore } from '../storage/transit/upload-store';
import { withPaths } from './images-from';

interface Parts {
  readonly requests: EngineRequests;
  readonly uploads: Pick<UploadStore, 'read'>;
}

/** What images of one's own would come to, before they are imported: one look at a time of each client. */
export class ImagePreviews {
  readonly #parts: Parts;
  readonly #running = new OneAtATime(
    () => new StudioError({ code: 'cancelled', message: 'The look at the images was given up.' }),
  );

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  preview(
    { path, upload, labels, labelsUpload, ...settings }: RouteParsed<'datasets.previewImages'>,
    client: string,
  ): Promise<RouteOutput<'datasets.previewImages'>> {
    const { requests, uploads } = this.#parts;
    return this.#running.run(client, (signal) =>
      withPaths(uploads, { path, upload, labels, labelsUpload }, (at) =>
        requests.collect(
          'images-preview',
          { ...at, settings },
          async ({ folder }) => {
            const text = await readFile(join(folder, imagesPreviewFile), 'utf8');
            const preview = imagesPreviewSchema.parse(JSON.parse(text));
            return { ...preview, pixels: toWire(await samplesIn(folder)) };
          },
          { lane: 'interactive', signal },
        ),
      ),
    );
  }

  samples(
    { path, upload, files, ...settings }: RouteParsed<'datasets.sampleImages'>,
    client: string,
  ): Promise<RouteOutput<'datasets.sampleImages'>> {
    const { requests, uploads } = this.#parts;
    const from = { path, upload, labels: null, labelsUpload: null };
    return this.#running.run(client, (signal) =>
      withPaths(uploads, from, (at) =>
        requests.collect(
          'images-samples',
          { path: at.path, files, settings },
          async ({ output: { refused }, folder }) => ({
            refused,
            pixels: toWire(await samplesIn(folder)),
          }),
          { lane: 'interactive', signal },
        ),
      ),
    );
  }

  cancel(client: string): Record<string, never> {
    this.#running.cancel(client);
    return {};
  }

  /** Stop everything, for the end of the application. */
  close(): void {
    this.#running.close();
  }
}

const samplesIn = async (folder: string): Promise<NdArray> =>
  decodeNpy(await readFile(join(folder, samplePixelsFile)), samplePixelsFile);
