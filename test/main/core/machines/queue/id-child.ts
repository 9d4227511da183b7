import { machinesFolder } from '../../../../../src/main/core/machines/machines-folder';
import { valueAt } from '../../../../../src/shared/checked-reads';
import { dataDirectoryId } from '../../../../../src/main/core/machines/queue/data-directory-id';

/** Asks for an id when it is told to, as the others are. */
process.once('message', () => {
  process.send?.(dataDirectoryId(machinesFolder(valueAt(process.argv, 2))));
  process.disconnect();
});
process.send?.('ready');
