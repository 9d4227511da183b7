import { getSystemErrorMap } from 'node:util';
import { describe, expect, it } from 'vitest';
import { fileFailure, reasonOf, StudioError, toErrorData } from '../../src/shared/errors';
import { inWords } from '../../src/shared/system-error';

/** As Node makes them. */
const systemError = (code: string, more: object = {}) =>
  Object.assign(new Error(`${code}: something, open '/there/file'`), {
    ...{ code, errno: -1, syscall: 'open', path: '/there/file' },
    ...more,
  });

const raw = /\bE[A-Z0-9]{2,}\b|\bEAI_|syscall|errno/;

describe('what the system reports by a code', () => {
  const codes = [...getSystemErrorMap().values()].map(([code]) => code);

  it('is never shown as one, whatever it is', () => {
    expect(codes.length).toBeGreaterThan(60);
    for (const code of codes) {
      for (const error of [
        systemError(code),
        systemError(code, { path: undefined }),
        systemError(code, { syscall: 'connect', path: undefined, address: '10.0.0.1', port: 443 }),
        systemError(code, { syscall: 'getaddrinfo', path: undefined, hostname: 'example.org' }),
        Object.assign(new Error(`spawn there ${code}`), { code, syscall: 'spawn', path: 'there' }),
      ]) {
        const data = toErrorData(error);
        expect(data.message, code).not.toMatch(raw);
        expect(data.message, code).toMatch(/^\S.*: .+\.$/);
        expect(JSON.stringify(data), code).not.toContain(code);
        expect(reasonOf(error), code).not.toMatch(raw);
      }
    }
  });

  it.each([
    ['ENOSPC', 'disk-full', /^The disk that holds \/there\/file is full: free some space/],
    ['EDQUOT', 'disk-full', /^The disk that holds \/there\/file is full/],
    ['EFBIG', 'disk-full', /^\/there\/file would grow larger than/],
    ['EROFS', 'read-only', /^\/there\/file lies on a disk that can only be read/],
    ['EACCES', 'read-only', /^Your user may not read or write \/there\/file/],
    ['ENOENT', 'not-found', /^\/there\/file is not there/],
    ['ENOTDIR', 'conflict', /^\/there\/file is a file, or lies in one/],
    ['EISDIR', 'conflict', /^\/there\/file is a folder/],
    ['EEXIST', 'conflict', /^\/there\/file is there already/],
    ['ENAMETOOLONG', 'conflict', /^\/there\/file is a longer path/],
    ['ELOOP', 'conflict', /symbolic link/],
    ['EMFILE', 'busy', /too many|all the files that are open/],
    ['EIO', 'corrupt-file', /^The disk failed while \/there\/file/],
    ['ECONNREFUSED', 'not-found', /refuses the connection/],
    ['ENOTFOUND', 'not-found', /^The network does not know/],
  ])('%s names the place and what to do', (code, kind, message) => {
    expect(toErrorData(systemError(code))).toEqual({
      code: kind,
      message: expect.stringMatching(message),
    });
  });

  it('names what was written where there are two paths, and keeps `$` and case in it', () => {
    const copy = systemError('ENOSPC', { path: '/a', dest: '/b/$1 it' });
    expect(toErrorData(copy).message).toMatch(/^The disk that holds \/b\/\$1 it is full/);
    expect(toErrorData(systemError('ENOENT', { dest: '/b' })).message).toMatch(/^\/there\/file is/);
    expect(toErrorData(systemError('ENOENT', { path: 'rel/x' })).message).toMatch(/^rel\/x is/);
    const host = systemError('ECONNREFUSED', { path: undefined, address: '::1', port: 80 });
    expect(toErrorData(host).message).toMatch(/^::1:80 refuses/);
  });

  it('says that a file is in the way where folders could not be made', () => {
    const made = systemError('EEXIST', { syscall: 'mkdir' });
    expect(toErrorData(made).message).toMatch(/^\/there\/file is a file, or lies in one/);
  });

  it('says less about what nobody foresaw: a defect keeps its own message', () => {
    expect(toErrorData(new TypeError('x is not a function'))).toEqual({
      code: 'internal',
      message: 'x is not a function',
    });
    const own = new StudioError({ code: 'busy', message: 'Wait.' });
    expect(fileFailure(own)).toBe(own);
    expect(fileFailure(systemError('ECONNRESET'))).toMatchObject({ code: 'ECONNRESET' });
  });

  it('is put in words in what other programs say', () => {
    expect(inWords('request failed, reason: getaddrinfo ENOTFOUND registry.example')).toBe(
      'request failed, reason: the network does not know it registry.example',
    );
    expect(inWords('connect ECONNREFUSED 10.0.0.1:443')).toBe(
      'it refuses the connection 10.0.0.1:443',
    );
    expect(inWords('HTTP 404 NOT FOUND from MNIST')).toBe('HTTP 404 NOT FOUND from MNIST');
  });

  it('is told of the first of several attempts', () => {
    const both = new AggregateError([systemError('ECONNREFUSED'), systemError('ETIMEDOUT')], '');
    expect(reasonOf(both)).toBe('it refuses the connection');
  });
});
