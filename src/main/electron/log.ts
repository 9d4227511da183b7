import { join } from 'node:path';
import log from 'electron-log/main';
import { type Log } from '../core/app';

/** Where the desktop app's log is. */
export const logPath = (dataDir: string) => join(dataDir, 'logs', 'desktop.log');

/** Writes to logs/desktop.log in the data directory, unhandled errors too. */
export function fileLog(dataDir: string): Log {
  const logger = log.create({ logId: 'desktop' });
  logger.transports.file.resolvePathFn = () => logPath(dataDir);
  logger.transports.file.maxSize = 5 * 2 ** 20;
  logger.transports.console.level = 'warn';
  logger.errorHandler.startCatching({ showDialog: false });
  const write = (level: 'info' | 'warn' | 'error'): Log['info'] => {
    return (message, details) => logger[level](message, ...(details ? [details] : []));
  };
  return { info: write('info'), warn: write('warn'), error: write('error') };
}
