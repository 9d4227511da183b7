import { conflict } from '../../../../shared/errors';
import { type JoinFile } from '../join-file';
import { HttpExchange } from '../transport/client';
import { type Exchange } from '../transport/exchange';
import { SharedFolderExchange } from '../transport/shared-folder';

export interface OpenExchange {
  readonly exchange: Exchange;
  close(): void;
}

/**
 * The coordinator as its join file tells, waited for until it is there; where a folder is shared, it need
 * not be.
 *
 * @throws StudioError `forbidden` where it does not take the join; `cancelled`
 */
export async function openExchange(
  { coordinator, prefix }: JoinFile,
  { say, signal }: { readonly say: (line: string) => void; readonly signal: AbortSignal },
): Promise<OpenExchange> {
  const { url, sharedFolder } = coordinator;
  const http = new HttpExchange({
    coordinator,
    onAway: (away) =>
      say(
        away ? `The coordinator at ${url} is away. Waiting for it.` : 'The coordinator is there.',
      ),
  });
  const close = () => http.close();
  if (sharedFolder !== null) {
    return { exchange: new SharedFolderExchange(sharedFolder, http), close };
  }
  try {
    const hello = await http.hello({ signal });
    if (hello.prefix === prefix) return { exchange: http, close };
    throw conflict(
      `The coordinator at ${url} works with another data directory than the join file’s: make a new join file there (\`join create\`).`,
    );
  } catch (error) {
    close();
    throw error;
  }
}
