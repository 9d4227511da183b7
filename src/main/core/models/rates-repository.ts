import { z } from 'zod';
import { type Rates, ratesSchema } from '../../../shared/engine';
import { type Database } from '../storage/database';

export interface RatesKey {
  readonly architecture: string;
  /** Size of its images, classes and options, in words. */
  readonly form: string;
  readonly device: string;
  readonly threads: number;
}

const rowSchema = ratesSchema.extend({ measuredAt: z.string() });
export type StoredRates = z.infer<typeof rowSchema>;

/** Measured speeds, one set per network, device and thread count. */
export class RatesRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  put(key: RatesKey, rates: Rates, measuredAt: string): void {
    this.#database.run(
      `INSERT INTO rates (architecture, form, device, threads, train_images_per_second,
         gradients_per_second, forward_images_per_second, measured_at)
       VALUES (@architecture, @form, @device, @threads, @trainImagesPerSecond, @gradientsPerSecond,
         @forwardImagesPerSecond, @measuredAt)
       ON CONFLICT (architecture, form, device, threads) DO UPDATE SET
         train_images_per_second = excluded.train_images_per_second,
         gradients_per_second = excluded.gradients_per_second,
         forward_images_per_second = excluded.forward_images_per_second,
         measured_at = excluded.measured_at`,
      { ...key, ...rates, measuredAt },
    );
  }

  get(key: RatesKey): StoredRates | undefined {
    return this.#database.get(
      rowSchema,
      `SELECT train_images_per_second AS trainImagesPerSecond,
         gradients_per_second AS gradientsPerSecond,
         forward_images_per_second AS forwardImagesPerSecond, measured_at AS measuredAt
       FROM rates
       WHERE architecture = @architecture AND form = @form AND device = @device AND threads = @threads`,
      { ...key },
    );
  }
}
