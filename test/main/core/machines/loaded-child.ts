import { registerHooks } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { StudioError } from '../../../../src/shared/errors';

/** Opens an application on a data directory, lets it settle, and says which packages it loaded. */
async function main(): Promise<void> {
  const [dataDir] = process.argv.slice(2);
  if (!dataDir) throw new Error('one argument');
  const loaded = new Set<string>();
  registerHooks({
    load(url, context, next) {
      const [, name] = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? [];
      if (name !== undefined) loaded.add(name);
      return next(url, context);
    },
  });
  // Not before the hook is there.
  const { createApp } = await import('../../../../src/main/core/app');
  const app = await createApp({
    dataDir,
    shell: 'browser',
    startEngine() {
      throw new StudioError({ code: 'engine-unavailable', message: 'There is no engine here.' });
    },
  });
  await app.api.call('machines.get', {});
  await app.api.call('jobs.list', {});
  await sleep(1500);
  await app.close();
  process.stdout.write(JSON.stringify([...loaded]));
}

main().catch((error: unknown) => {
  process.stderr.write(String(error));
  process.exitCode = 1;
});
