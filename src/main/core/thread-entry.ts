import { nodeObstacle } from '../../shared/node-version';

// Nothing else is imported here: what is native must not be loaded before Node is looked at.
const obstacle = nodeObstacle(process.versions.node, '`npm start` or `npm run --silent cli`');
if (obstacle === null) void import('./thread');
else {
  process.stderr.write(`${obstacle}\n`);
  process.exitCode = 1;
}
