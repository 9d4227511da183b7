import { writeOutputFolder } from '../../../../../src/main/core/export/folder/output-folder';
import { addRun } from './sample';

/** Writes two results into one folder by turns until it is killed. */
const [path = ''] = process.argv.slice(2);
for (let turn = 0; ; turn += 1) {
  const files = Object.fromEntries(
    Array.from({ length: 20 + 20 * (turn % 2) }, (_, i) => [
      `part-${i % 4}/${i}.txt`,
      `turn ${turn}`,
    ]),
  );
  await writeOutputFolder({ path, field: '--out' }, (out) => addRun(out, `run_${turn % 2}`, files));
  process.send?.(turn);
}
