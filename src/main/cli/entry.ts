import { nodeObstacle } from '../../shared/node-version';

// Nothing else is imported here: what is native must not be loaded before Node is looked at.
const command = '`npm run --silent cli -- COMMAND`';
const obstacle = nodeObstacle(process.versions.node, command);
if (obstacle === null) void import('./main');
else {
  process.stderr.write(`${obstacle}\n`);
  if (process.argv.includes('--json')) {
    const error = { code: 'conflict', message: obstacle };
    process.stdout.write(`${JSON.stringify({ error }, null, 2)}\n`);
  }
  process.exitCode = 1;
}
