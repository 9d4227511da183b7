import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleForNode } from './prepare.mjs';

/** `npm run bench -- machines …`: bundles `machines-simulated.ts` and runs it with what is left. */
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const file = await bundleForNode(root, 'machines-simulated');
const { status } = spawnSync(process.execPath, [file, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
