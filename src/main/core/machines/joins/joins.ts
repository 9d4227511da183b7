import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { conflict, notFound, parse } from '../../../../shared/errors';
import { type JoinRecord } from '../../../../shared/machines';
import { renameDurably, syncPath } from '../../storage/durable';
import { storageError } from '../../storage/storage-error';
import { joinFileSchema } from '../join-file';
import { type MachinesFolder } from '../machines-folder';
import { ownJoin } from '../own-join';

const storedJoinSchema = z.object({
  name: joinFileSchema.shape.name,
  /** Of the token, which is nowhere. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  createdAt: z.string(),
  revokedAt: z.string().nullable(),
});
type StoredJoin = z.infer<typeof storedJoinSchema>;

/** Who a token lets in; or why it lets nobody in. */
export type Admission = { readonly name: string } | { readonly refused: string };

/** Milliseconds between two notes of when a join was used. */
const noted = 60_000;

/**
 * Who may join: a file each, since commands make and revoke them beside a running application. Only the
 * hash of a token is kept. When one was used is noted beside it, so that no note undoes a revocation.
 */
export class Joins {
  readonly #folder: string;
  readonly #now: () => Date;
  readonly #used = new Map<string, number>();

  constructor({ joins }: Pick<MachinesFolder, 'joins'>, now: () => Date) {
    this.#folder = joins;
    this.#now = now;
  }

  /** The oldest first; that of this machine's own worker comes and goes with it. */
  list(): JoinRecord[] {
    return this.#stored()
      .filter(({ name }) => name !== ownJoin)
      .map(({ name, createdAt, revokedAt }) => ({
        name,
        createdAt,
        lastUsed: this.#lastUsed(name),
        revokedAt,
      }))
      .sort((a, b) => a.createdAt.localeCompare(b.createdAt) || a.name.localeCompare(b.name));
  }

  /**
   * @returns the token, which cannot be had again
   * @throws StudioError `invalid-input` for what is no name, `conflict` for one that is taken
   */
  create(name: string): string {
    parse(joinFileSchema.shape.name, name, 'name');
    const token = this.#create(name);
    if (token !== null) return token;
    throw conflict(`There is a join ${name} already, or was: choose another name.`);
  }

  /** One by a name that is free: worker-1, worker-2, … Whoever asks at the same time gets another. */
  createNext(): { name: string; token: string } {
    for (let number = 1; ; number += 1) {
      const name = `worker-${number}`;
      const token = this.#create(name);
      if (token !== null) return { name, token };
    }
  }

  /** Its token lets nobody in from now on, in a running application, too. */
  revoke(name: string): void {
    const found = this.#stored().find((each) => each.name === name);
    if (!found || name === ownJoin) throw notFound('join', name);
    if (found.revokedAt !== null) return;
    const { sha256, createdAt } = found;
    this.#write(`${name}.json`, {
      name,
      sha256,
      createdAt,
      revokedAt: this.#now().toISOString(),
    });
  }

  /** As if it had never been; for one that belongs to a process of this application. */
  remove(name: string): void {
    parse(joinFileSchema.shape.name, name, 'name');
    this.#used.delete(name);
    for (const file of [`${name}.json`, `${name}.used`]) {
      rmSync(join(this.#folder, file), { force: true });
    }
  }

  admit(token: string): Admission {
    const sha256 = hashOf(token);
    const found = this.#stored().find((each) => isSame(each.sha256, sha256));
    if (!found) return { refused: 'The token of the join file is not known here.' };
    const { name, revokedAt } = found;
    if (revokedAt !== null) {
      return { refused: `The join ${name} was revoked on ${revokedAt.slice(0, 10)}.` };
    }
    this.#note(name);
    return { name };
  }

  /** For lists alone: nobody is kept out because the disk is full. */
  #note(name: string): void {
    const now = this.#now();
    if (now.getTime() - (this.#used.get(name) ?? 0) < noted) return;
    this.#used.set(name, now.getTime());
    try {
      this.#write(`${name}.used`, { lastUsed: now.toISOString() });
    } catch {
      return;
    }
  }

  /** @returns the token; null where the name is taken */
  #create(name: string): string | null {
    if (this.#stored().some((each) => each.name === name)) return null;
    const token = randomBytes(32).toString('base64url');
    const sha256 = hashOf(token);
    const createdAt = this.#now().toISOString();
    const free = this.#write(`${name}.json`, { name, sha256, createdAt, revokedAt: null }, 'new');
    return free ? token : null;
  }

  #lastUsed(name: string): string | null {
    const read = z.object({ lastUsed: z.string() }).safeParse(this.#read(`${name}.used`));
    return read.data?.lastUsed ?? null;
  }

  /** A file that cannot be read lets nobody in. */
  #stored(): StoredJoin[] {
    let names: string[];
    try {
      names = readdirSync(this.#folder);
    } catch {
      return [];
    }
    return names.flatMap((name) => {
      const stored = name.endsWith('.json') ? storedJoinSchema.safeParse(this.#read(name)) : null;
      return stored?.data ? [stored.data] : [];
    });
  }

  #read(name: string): unknown {
    try {
      return JSON.parse(readFileSync(join(this.#folder, name), 'utf8'));
    } catch {
      return null;
    }
  }

  /** @returns false where it is to be new and is there */
  #write(name: string, content: object, as: 'new' | 'other' = 'other'): boolean {
    const path = join(this.#folder, name);
    const part = `${path}.${randomBytes(6).toString('hex')}.part`;
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      writeFileSync(part, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
      syncPath(part);
      if (as === 'new') {
        // Unlike a rename, a link never takes another's place.
        linkSync(part, path);
        rmSync(part);
        syncPath(this.#folder);
      } else renameDurably(part, path);
      return true;
    } catch (error) {
      rmSync(part, { force: true });
      if (as === 'new' && error instanceof Error && Reflect.get(error, 'code') === 'EEXIST') {
        return false;
      }
      throw storageError(error, this.#folder);
    }
  }
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

function isSame(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(one, 'hex'), Buffer.from(other, 'hex'));
}
