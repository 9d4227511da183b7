import { join } from 'node:path';
import log from 'electron-log/node';
import { type Log } from '../core/app';

/** Writes to logs/web.log in the data directory; warnings and errors also to stderr. */
export function fileLog(dataDir: string): Log {
  const logger = log.create({ logId: 'web' });
  logger.transports.file.resolvePathFn = () => join(dataDir, 'logs', 'web.log');
  logger.transports.file.maxSize = 5 * 2 ** 20;
  logger.transports.console.level = false;
  const write = (level: 'info' | 'warn' | 'error'): Log['info'] => {
    return (message, details) => {
      logger[level](message, ...(details ? [details] : []));
      if (level !== 'info') process.stderr.write(`${message}\n`);
    };
  };
  return { info: write('info'), warn: write('warn'), error: write('error') };
}
