import { writeOutputFolder } from '../../../../../src/main/core/export/folder/output-folder';
import { writeWholeFile } from '../../../../../src/main/core/export/folder/whole-file';
import { toErrorData } from '../../../../../src/shared/errors';
import { addRun } from './sample';

/** Writes more than its process may, and says what came of it. */
const [what, path = ''] = process.argv.slice(2);
const large = 'x'.repeat(200_000);
const work =
  what === 'folder'
    ? writeOutputFolder({ path, field: '--out' }, (out) =>
        addRun(out, 'run_a', { 'x.csv': 'small', 'y.csv': large }),
      )
    : writeWholeFile(path, { bytes: Buffer.from(large) });
const said = await work.then(() => null, toErrorData);
process.stdout.write(JSON.stringify(said));
