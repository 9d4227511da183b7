import { type App, createApp } from './app';
import { studioEngine } from './engine/studio-engine';
import { readWork } from './machines/coordinator/work-file';
import { type DataPlace, namingDataPlace } from './storage/data-directory';
import { type Log } from './storage/environment';
import { type InstalledFiles } from './storage/installed-files';

/**
 * The application for a person at a page: for reading alone where nothing can be written. Throws as
 * `createApp` does, naming what named the place.
 */
export function openApp(options: {
  readonly shell: 'electron' | 'browser';
  readonly place: DataPlace;
  readonly files: InstalledFiles;
  readonly log: Log;
  readonly tensorflow: boolean;
}): Promise<App> {
  const { shell, place, files, log, tensorflow } = options;
  return createApp({
    dataDir: place.path,
    shell,
    access: 'write-if-possible',
    log,
    startEngine: studioEngine({
      files,
      log: (line) => log.info(line),
      tensorflow,
      threads: () => readWork(place.path).threads,
    }),
  }).catch((error: unknown) => {
    throw namingDataPlace(error, place);
  });
}
