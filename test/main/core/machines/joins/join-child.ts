import { createJoin } from '../../../../../src/main/core/machines/joins/create-join';
import { queueAddressSchema } from '../../../../../src/main/core/machines/queue/address';
import { valueAt } from '../../../../../src/shared/checked-reads';

const queue = queueAddressSchema.parse({ host: '127.0.0.1', port: 6379, password: 'q' });

/** Makes a join with a shared folder of its own when it is told to, as the others are. */
process.once('message', async () => {
  const { file } = await createJoin(
    { dataDir: valueAt(process.argv, 2), now: () => new Date(), queue, prefix: 'saliency-a1' },
    { name: null, listen: null, sharedFolder: valueAt(process.argv, 3) },
  );
  process.send?.(file.coordinator.url);
  process.disconnect();
});
process.send?.('ready');
