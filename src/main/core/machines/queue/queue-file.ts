import { rmSync } from 'node:fs';
import { z } from 'zod';
import { fileFailure } from '../../../../shared/errors';
import { type MachinesFolder } from '../machines-folder';
import { readSecret, writeSecret } from '../secret-file';
import { queueAddressSchema } from './address';

const queueFileSchema = z.object({
  version: z.literal(1),
  address: queueAddressSchema,
  /** `queue try` wrote it, and takes it away when it ends. */
  trial: z.boolean(),
});

/** The queue of a data directory. */
export type KnownQueue = Pick<z.output<typeof queueFileSchema>, 'address' | 'trial'>;

/**
 * The queue that a data directory uses; null where it uses none.
 *
 * @throws StudioError as `readSecret` does
 */
export function readQueue({ queue }: Pick<MachinesFolder, 'queue'>): KnownQueue | null {
  const found = readSecret(queue, queueFileSchema, 'the queue’s address');
  return found && { address: found.address, trial: found.trial };
}

export function writeQueue(
  { queue }: Pick<MachinesFolder, 'queue'>,
  { address, trial }: KnownQueue,
): void {
  writeSecret(queue, `${JSON.stringify({ version: 1, address, trial }, null, 2)}\n`);
}

export function forgetQueue({ queue }: Pick<MachinesFolder, 'queue'>): void {
  try {
    rmSync(queue, { force: true });
  } catch (error) {
    throw fileFailure(error, queue);
  }
}
