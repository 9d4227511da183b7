import { type RouteOutput, type RouteParsed } from '../../../shared/routes';
import { type Events } from '../jobs/events';
import { type Context } from '../jobs/job-run';
import { Looks } from '../jobs/looks';
import { type Clock } from '../storage/environment';
import { type UploadStore } from '../storage/transit/upload-store';
import { type MapsImport } from './import-maps';

interface Parts {
  readonly clock: Clock;
  readonly events: Events;
  readonly mapsImport: Pick<MapsImport, 'inspect'>;
  readonly uploads: Pick<UploadStore, 'read'>;
}

/** Milliseconds between two announcements of a look's progress. */
const progressInterval = 200;

/** Looks at files of maps, every value of them: one at a time of each client. */
export class MapLooks {
  readonly #parts: Parts;
  readonly #looks = new Looks('maps');

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  look(
    { upload, request, ...input }: RouteParsed<'methods.inspect'>,
    client: string,
  ): Promise<RouteOutput<'methods.inspect'>> {
    const { mapsImport, uploads } = this.#parts;
    return this.#looks.alone(client, (signal) =>
      uploads.read(upload, (file) =>
        mapsImport.inspect(input, file, { signal, report: this.#announcing(request) }),
      ),
    );
  }

  /** Give up the look that a client waits for. */
  cancel(client: string): Record<string, never> {
    return this.#looks.cancel(client);
  }

  close(): Promise<void> {
    return this.#looks.close();
  }

  #announcing(request: string | undefined): Context['report'] {
    const { clock, events } = this.#parts;
    let announcedAt = clock.monotonic();
    return ({ done, total, unit = 'maps' }) => {
      if (request === undefined || clock.monotonic() - announcedAt < progressInterval) return;
      announcedAt = clock.monotonic();
      events.emit({ type: 'maps.looking', request, done, total, unit });
    };
  }
}
