import { StudioError } from '../../../shared/errors';
import { lockOut } from '../../../shared/lock-out';
import { type JoinRecord } from '../../../shared/machines';
import { copiedNote } from '../../core/machines/copied-note';
import { createJoin } from '../../core/machines/joins/create-join';
import { joinFileSource } from '../../core/machines/joins/join-file-io';
import { Joins } from '../../core/machines/joins/joins';
import { readListener } from '../../core/machines/joins/listener';
import { machinesFolder } from '../../core/machines/machines-folder';
import { dataDirectoryId, leaveOriginal } from '../../core/machines/queue/data-directory-id';
import { queuePrefix } from '../../core/machines/queue/names';
import { readQueue } from '../../core/machines/queue/queue-file';
import { type CommandContext, exits, type Outcome } from '../context';
import { namingOption } from '../options';
import { table } from '../output';
import { outFile } from '../places';

export interface JoinCreateOptions {
  readonly name?: string;
  readonly listen?: string;
  readonly sharedFolder?: string;
  readonly out: string;
}

const now = () => new Date();
const optionNames = { name: '--name', listen: '--listen', sharedFolder: '--shared-folder' };

/** Write what a worker needs to join. Takes no lock: the application may be open. */
export async function joinCreate(
  { dataDir }: CommandContext,
  { name, listen, sharedFolder, out }: JoinCreateOptions,
): Promise<Outcome> {
  const to = await outFile(out);
  const folder = machinesFolder(dataDir);
  const queue = readQueue(folder)?.address ?? null;
  const { file, notes } = await createJoin(
    {
      dataDir,
      now,
      queue,
      // Where there is no queue, it is refused, and no id is made for that.
      prefix: queue ? queuePrefix(dataDirectoryId(folder)) : '',
    },
    {
      name: name ?? null,
      listen: listen ?? null,
      sharedFolder: sharedFolder ?? null,
    },
  ).catch((error: unknown) => {
    throw error instanceof StudioError ? namingOption(error, optionNames) : error;
  });
  const path = await to.write({ name: `${file.name}.json`, ...joinFileSource(file) });
  const { url } = file.coordinator;
  return {
    json: { command: 'join create', name: file.name, url, files: [path], notes },
    text: [
      `${file.name} may join, at ${url}. Written to ${path}, for its owner alone: it holds secrets.`,
      ...notes,
      `On the other machine, with the same version set up: worker --join ${path}`,
    ],
    exit: exits.done,
  };
}

export async function joinList({ dataDir }: CommandContext): Promise<Outcome> {
  const folder = machinesFolder(dataDir);
  leaveOriginal(folder);
  const all = new Joins(folder, now);
  const joins = all.list();
  const notes = [copiedNote(folder, all) ?? []].flat();
  return {
    json: { command: 'join list', joins, notes },
    text:
      joins.length === 0
        ? ['Nobody may join yet: `join create --out FILE` makes a join file.', ...notes]
        : table(['name', 'made', 'last used', 'revoked'], joins.map(rowOf)),
    exit: exits.done,
  };
}

export async function joinRevoke({ dataDir }: CommandContext, name: string): Promise<Outcome> {
  const folder = machinesFolder(dataDir);
  new Joins(folder, now).revoke(name);
  const queue = readQueue(folder);
  const known = queue && { username: queue.address.username, trial: queue.trial };
  const notes = [
    `Its token lets nobody in from now on. Whoever has the file still knows the queue’s password, which all workers share: ${lockOut(known)}, and make the other join files anew.`,
  ];
  const listener = readListener(folder);
  const shared = listener && [...listener.earlierFolders, listener.sharedFolder ?? []].flat();
  if (shared && shared.length > 0) {
    notes.push(
      `Nobody is asked for a token in ${shared.join(' and ')}: the rights to that folder alone keep a machine out of it.`,
    );
  }
  return {
    json: { command: 'join revoke', name, notes },
    text: [`${name} is revoked.`, ...notes],
    exit: exits.done,
  };
}

const day = (time: string | null): string => time?.slice(0, 16).replace('T', ' ') ?? '';

function rowOf({ name, createdAt, lastUsed, revokedAt }: JoinRecord): string[] {
  return [name, day(createdAt), day(lastUsed), day(revokedAt)];
}
